import { quantile } from "../paced-streams.ts";
import { residentBytes, usageOfTree } from "../downloads/process-usage.ts";
import { ask } from "./ask.ts";
import type { Timed } from "./ask.ts";
import { names } from "./contender.ts";
import type { Contender } from "./contender.ts";

/** What one contender was seen to do; arrays hold one value for each round, or for each request where it says so. */
export interface Figures {
  /** Milliseconds of each request, one at a time. */
  readonly one: number[];
  readonly streamFirst: number[];
  readonly stream: number[];
  /** The same with 32 at once. */
  readonly oneOf32: number[];
  readonly streamOf32: number[];
  readonly tokensPerSecond: number[];
  readonly cpuPer100k: number[];
  readonly gaps: number[];
  /** The 99th percentile of each round. */
  readonly gapP99: number[];
  readonly pacedCpuPer100k: number[];
  /** Why requests failed that were sent 32 at once. */
  readonly failed: string[];
  idleBytes: number;
  busyBytes: number;
}

export interface Effort {
  readonly rounds: number;
  /** Requests of each kind before anything is measured. */
  readonly warm: number;
  /** Requests one at a time, of each kind, in a round. */
  readonly single: number;
  /** Requests of each of 32 workers, of each kind, in a round. */
  readonly crowd: number;
  /** Tokens of each of 32 streams at full speed; 0: not measured, a real engine has its own speed. */
  readonly race: number;
  /** Tokens of each of 32 streams at 50 a second; 0: not measured. */
  readonly paced: number;
}

export const streams = 32;
const short = { tokens: 32 };

export function emptyFigures(): Figures {
  return {
    ...{ one: [], streamFirst: [], stream: [], oneOf32: [], streamOf32: [], tokensPerSecond: [], cpuPer100k: [] },
    ...{ gaps: [], gapP99: [], pacedCpuPer100k: [], failed: [], idleBytes: 0, busyBytes: 0 },
  };
}

/** The memory of a gateway that has its model and nothing to do; then a few of everything: nobody is measured cold. */
export async function warmUp(contender: Contender, figures: Figures, warm: number): Promise<void> {
  await ask(contender, { tokens: 1 }, { isStream: false });
  if (contender.processId !== null) figures.idleBytes = residentBytes(contender.processId);
  const few = Math.ceil(warm / (contender.name === names.liteLlm ? 10 : 1));
  for (let count = 0; count < few; count += 1) {
    await ask(contender, { tokens: 1 }, { isStream: false });
    await ask(contender, short, { isStream: true });
  }
  for (let count = 0; count < few / 20; count += 1)
    await crowd(contender, figures, { each: 1, script: short, isStream: true });
}

/**
 * One round of everything. Single requests alternate one by one between the contenders, so that a disturbance of the
 * machine meets all of them; what needs 32 streams alternates whole. The slow one is asked less.
 */
export async function round(
  contenders: readonly Contender[],
  figures: ReadonlyMap<string, Figures>,
  effort: Effort,
): Promise<void> {
  const share = ({ name }: Contender): number => (name === names.liteLlm ? 8 : 1);
  for (let count = 0; count < effort.single; count += 1) {
    for (const contender of rotated(contenders, count)) {
      if (count % share(contender) !== 0) continue;
      const { one, streamFirst, stream } = figures.get(contender.name)!;
      one.push((await ask(contender, { tokens: 1 }, { isStream: false })).totalMs);
      const timed = await ask(contender, short, { isStream: true });
      streamFirst.push(timed.firstMs);
      stream.push(timed.totalMs);
    }
  }
  for (const contender of contenders) {
    const own = figures.get(contender.name)!;
    const each = Math.max(1, Math.floor(effort.crowd / share(contender)));
    const one = await crowd(contender, own, { each, script: { tokens: 1 }, isStream: false });
    own.oneOf32.push(...one.map(({ totalMs }) => totalMs));
    const stream = await crowd(contender, own, { each, script: short, isStream: true });
    own.streamOf32.push(...stream.map(({ totalMs }) => totalMs));
  }
  for (const contender of effort.race > 0 ? contenders : []) {
    const tokens = Math.ceil(effort.race / (contender.name === names.liteLlm ? 40 : 1));
    await race(contender, figures.get(contender.name)!, tokens);
  }
  for (const contender of effort.paced > 0 ? contenders : [])
    await pace(contender, figures.get(contender.name)!, effort.paced);
}

/** 32 workers, each with its requests one after the other; what fails is counted, and gives no figure. */
async function crowd(
  contender: Contender,
  figures: Figures,
  { each, script, isStream }: { each: number; script: { tokens: number }; isStream: boolean },
): Promise<Timed[]> {
  const timed: Timed[] = [];
  const work = async (): Promise<void> => {
    for (let count = 0; count < each; count += 1) {
      try {
        timed.push(await ask(contender, script, { isStream }));
      } catch (error) {
        figures.failed.push(String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: streams }, work));
  return timed;
}

async function race(contender: Contender, figures: Figures, tokens: number): Promise<void> {
  const before = cpuSeconds(contender);
  const began = performance.now();
  await crowd(contender, figures, { each: 1, script: { tokens }, isStream: true });
  figures.tokensPerSecond.push((streams * tokens * 1000) / (performance.now() - began));
  figures.cpuPer100k.push(((cpuSeconds(contender) - before) * 100_000) / (streams * tokens));
}

async function pace(contender: Contender, figures: Figures, tokens: number): Promise<void> {
  const gaps: number[] = [];
  const before = cpuSeconds(contender);
  const one = (): Promise<Timed> => {
    let last: number | null = null;
    const onToken = (at: number, count: number): void => {
      if (last !== null) gaps.push(at - last);
      // What came together came without a gap: a burst after a stall must show as the stall alone.
      for (let more = 1; more < count; more += 1) gaps.push(0);
      last = at;
    };
    return ask(contender, { tokens, paced: true }, { isStream: true, onToken });
  };
  const all = Promise.all(Array.from({ length: streams }, one));
  const watch = setInterval(() => {
    if (contender.processId !== null)
      figures.busyBytes = Math.max(figures.busyBytes, residentBytes(contender.processId));
  }, 1000);
  await all;
  clearInterval(watch);
  figures.gaps.push(...gaps);
  figures.gapP99.push(quantile(gaps, 0.99));
  figures.pacedCpuPer100k.push(((cpuSeconds(contender) - before) * 100_000) / (streams * tokens));
}

function cpuSeconds({ processId }: Contender): number {
  if (processId === null) return Number.NaN;
  return usageOfTree(processId).reduce((sum, one) => sum + one.cpuSeconds, 0);
}

function rotated<Item>(list: readonly Item[], by: number): Item[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

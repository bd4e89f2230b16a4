import { median, verdict } from "../downloads/table.ts";
import { quantile } from "../paced-streams.ts";
import { names } from "./contender.ts";
import type { Contender } from "./contender.ts";
import { emptyFigures } from "./measure.ts";
import type { Figures } from "./measure.ts";

interface Row {
  readonly what: string;
  readonly unit: string;
  readonly of: (figures: Figures, contender: Contender, direct: Figures) => number;
  /** Nothing in between: the direct way has no such figure. */
  readonly gatewayOnly?: boolean;
  readonly digits?: number;
}

const megabyte = 1e6;
const rows: readonly Row[] = [
  ...latency("one-token answer", (figures) => figures.one),
  addition("  added, p50 of pairs", (figures) => figures.one),
  ...latency("32-token stream", (figures) => figures.stream),
  addition("  added, p50 of pairs", (figures) => figures.stream),
  ...latency("  its first token", (figures) => figures.streamFirst),
  addition("  added, p50 of pairs", (figures) => figures.streamFirst),
  ...latency("one-token answer, 32 at once", (figures) => figures.oneOf32),
  ...latency("32-token stream, 32 at once", (figures) => figures.streamOf32),
  {
    what: "32 streams at full speed",
    unit: "tokens/s",
    digits: 0,
    of: ({ tokensPerSecond }) => median(tokensPerSecond),
  },
  cpu("  processor for 100,000 tokens", ({ cpuPer100k }) => cpuPer100k),
  { what: "32 streams at 50/s, gap p99", unit: "ms", of: ({ gapP99 }) => median(gapP99) },
  cpu("  processor for 100,000 tokens", ({ pacedCpuPer100k }) => pacedCpuPer100k),
  { what: "requests that failed", unit: "of those at once", digits: 0, of: ({ failed }) => failed.length },
  memory("memory, idle", ({ idleBytes }) => idleBytes),
  memory("memory, 32 streams", ({ busyBytes }) => busyBytes),
  { what: "start to healthy", unit: "ms", digits: 0, gatewayOnly: true, of: (_, { startMs }) => startMs ?? Number.NaN },
];

function latency(what: string, of: (figures: Figures) => readonly number[]): Row[] {
  return [0.5, 0.99].map((share) => ({
    what: `${what}, p${share * 100}`,
    unit: "ms",
    of: (figures) => quantile(of(figures), share),
  }));
}

/** What is added, by pairs. */
function addition(what: string, of: (figures: Figures) => readonly number[]): Row {
  return { what, unit: "ms", gatewayOnly: true, of: (figures, _, direct) => middleOfPairs(of(figures), of(direct)) };
}

function cpu(what: string, of: (figures: Figures) => readonly number[]): Row {
  return { what, unit: "s", gatewayOnly: true, of: (figures) => median(of(figures)) };
}

function memory(what: string, of: (figures: Figures) => number): Row {
  return { what, unit: "MB", gatewayOnly: true, digits: 0, of: (figures) => of(figures) / megabyte };
}

/** Every figure of every contender, then the budgets. */
export function reportFigures(contenders: readonly Contender[], figures: ReadonlyMap<string, Figures>): void {
  const direct = figures.get(names.direct) ?? emptyFigures();
  console.log(`\n${"".padEnd(38)}${contenders.map(({ name }) => name.padStart(14)).join("")}`);
  for (const { what, unit, digits = 2, gatewayOnly = false, of } of rows) {
    const cells = contenders.map((contender) => {
      const value = of(figures.get(contender.name)!, contender, direct);
      const isShown = Number.isFinite(value) && !(gatewayOnly && contender.name === names.direct);
      return (isShown ? value.toFixed(digits) : "-").padStart(14);
    });
    console.log(`${`${what}, ${unit}`.padEnd(38)}${cells.join("")}`);
  }
}

/** The budgets of the gateway, each against its peer in this very run. */
export function reportBudgets(contenders: readonly Contender[], figures: ReadonlyMap<string, Figures>): void {
  const [direct, own, swap, lite] = [names.direct, names.own, names.llamaSwap, names.liteLlm].map((name) =>
    figures.get(name),
  );
  if (direct === undefined || own === undefined) return;
  console.log("\nBudgets");
  if (swap !== undefined) {
    const rates = own.tokensPerSecond.map((rate, index) => rate / swap.tokensPerSecond[index]!);
    for (const [what, of] of [
      ["one-token answer", (one: Figures) => one.one],
      ["32-token stream", (one: Figures) => one.stream],
    ] as const) {
      const added = middleOfPairs(of(own), of(direct));
      const theirs = middleOfPairs(of(swap), of(direct));
      // It has no keys and no log, which this service has on; without them, its own would be the budget.
      verdict(`${what}: added, p50, ms, against llama-swap's + 0.3`, added, round(theirs + 0.3));
      console.log(`         ${(added / theirs).toFixed(2)} of what llama-swap adds`);
    }
    const first = middleOfPairs(own.streamFirst, direct.streamFirst);
    const theirs = middleOfPairs(swap.streamFirst, direct.streamFirst);
    verdict("first token: added, p50, ms, against llama-swap's + 0.7", first, round(theirs + 0.7));
    verdict("32 streams at full speed: rate / llama-swap's", median(rates), 1, "", true);
    const share = own.cpuPer100k.map((seconds, index) => seconds / swap.cpuPer100k[index]!);
    verdict("32 streams at full speed: processor per token / llama-swap's", median(share), 1.2);
  }
  if (lite !== undefined) {
    const rates = own.tokensPerSecond.map((rate, index) => rate / lite.tokensPerSecond[index]!);
    verdict("32 streams at full speed: rate / LiteLLM's", median(rates), 40, "", true);
  }
  const gaps = own.gapP99.map((gap, index) => gap - direct.gapP99[index]!);
  verdict("32 streams at 50/s: gap p99 against the engine's, ms", median(gaps), 5);
  verdict("memory, idle", own.idleBytes / megabyte, 120, " MB");
  verdict("memory, 32 streams", own.busyBytes / megabyte, 200, " MB");
  const started = contenders.find(({ name }) => name === names.own)?.startMs ?? Number.NaN;
  verdict("start to healthy", started, 1000, " ms");
}

/** What is added, as the middle of the differences of requests that were sent one right after the other. */
export function middleOfPairs(own: readonly number[], direct: readonly number[]): number {
  // The slow one was asked less often.
  const each = Math.max(1, Math.round(direct.length / own.length));
  return median(own.map((value, index) => value - direct[Math.min(index * each, direct.length - 1)]!));
}

const round = (value: number): number => Math.round(value * 100) / 100;

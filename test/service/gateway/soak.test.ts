import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Agent } from "undici";
import type { RequestEntry } from "../../../service/src/contract/requests.ts";
import type { Server } from "../../../service/src/contract/servers.ts";
import { writeCachedModel } from "../../tools/cached-model.ts";
import { isFull, seededRandom, trials } from "../../tools/counts.ts";
import { figuresOf } from "../../tools/process-figures.ts";
import { serviceApi } from "../../tools/service-api.ts";
import { startServiceProcess } from "../../tools/service-process.ts";
import type { ServiceProcess } from "../../tools/service-process.ts";
import { protocols, readAnswer, send } from "./scripted-requests.ts";
import type { Script, ScriptedProtocol } from "./scripted-requests.ts";

const program = fileURLToPath(new URL("../../fakes/fake-engine-service.ts", import.meta.url));
const model = "own/scripted";
const warmUp = trials(100, 4000);
const measured = trials(400, 20_000);
const lanes = 32;
const words = 12;

let home: string;
let service: ServiceProcess;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "mlx-manager-soak-"));
  await writeCachedModel(join(home, "hub"), model, { scripted: true });
  service = await startServiceProcess({ home, main: program });
}, 60_000);
afterAll(async () => {
  await service.kill("SIGTERM");
  rmSync(home, { recursive: true, force: true });
});

/** What goes wrong in one of fifty requests, and how its row has to say so. */
const faults = {
  cut: { script: { at: 5, then: "cut" }, outcome: "failed" },
  "no end": { script: { silentClose: true }, outcome: "failed" },
  garbage: { script: { at: 5, then: "garbage" }, outcome: "failed" },
  "a null chunk": { script: { at: 5, then: "null" }, outcome: "failed" },
  refused: { script: { status: 500 }, outcome: "failed" },
  "a hang": { script: { hang: true }, outcome: "left" },
  "a client that leaves": { script: { at: 5, then: "silent" }, outcome: "left" },
  // Nothing was answered yet: it is asked for anew, and all is well.
  "a closed connection": { script: { dropOnce: true }, outcome: "done" },
} as const satisfies Record<string, { script: Script; outcome: Outcome }>;

type Outcome = "done" | "failed" | "left";

interface Plan {
  readonly marker: string;
  readonly protocol: ScriptedProtocol;
  readonly fault: keyof typeof faults | null;
}

const rowOf: Readonly<Record<Outcome, Partial<RequestEntry>>> = {
  done: { status: 200, finishReason: "stop", outputTokens: words, errorCode: null, clientLeft: false, streamed: true },
  failed: { status: 502, finishReason: null, errorCode: "engine_failed", errorSource: "engine", clientLeft: false },
  left: { status: 499, finishReason: null, errorCode: null, clientLeft: true },
};

function plansOf(phase: string, count: number, seed: number): Plan[] {
  const random = seededRandom(seed);
  const names = Object.keys(faults) as (keyof typeof faults)[];
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  return Array.from({ length: count }, (_, number) => ({
    marker: `${phase}${number}x${Math.floor(random() * 1e9).toString(36)}`,
    protocol: pick(protocols),
    fault: random() < 0.02 ? pick(names) : null,
  }));
}

const outcomeOf = ({ fault }: Plan): Outcome => (fault === null ? "done" : faults[fault].outcome);

/** Asks, reads to the end, and answers what was wrong with it. */
async function run(plan: Plan, dispatcher: Agent): Promise<string[]> {
  const { marker, protocol, fault } = plan;
  const leave = new AbortController();
  const script = { name: marker, text: textOf(marker), ...(fault === null ? {} : faults[fault].script) };
  const asked = { address: service.address, protocol, model, script, stream: true, client: marker, dispatcher };
  let text = "";
  let end: string | undefined;
  try {
    const response = await send({ ...asked, signal: leave.signal });
    if (response.statusCode !== 200) {
      await response.body.dump();
      end = response.statusCode === 502 ? "error" : `status ${response.statusCode}`;
    } else
      for await (const event of readAnswer(response.body)) {
        text += (event && protocol.textOf(event)) ?? "";
        end = (event && protocol.endOf(event)) ?? end;
        // Both say nothing more: the one after its fifth word, the other has only heard that it waits.
        const isSilent = fault === "a hang" || (fault === "a client that leaves" && countWords(text) === 5);
        if (isSilent) leave.abort();
      }
  } catch (error) {
    if (!leave.signal.aborted) throw error;
    end = "left";
  }
  const outcome = outcomeOf(plan);
  const wanted = { done: "done", failed: "error", left: "left" }[outcome];
  const wrong: string[] = [];
  if (end !== wanted) wrong.push(`${marker} (${protocol.name}, ${fault}) ended with ${end}`);
  const isWhole = outcome === "done" ? text === textOf(marker) : textOf(marker).startsWith(text);
  if (!isWhole) wrong.push(`${marker} (${protocol.name}, ${fault}) got "${text}"`);
  return wrong;
}

const textOf = (marker: string): string =>
  Array.from({ length: words }, (_, number) => `${marker}:${number}`).join(" ");
const countWords = (text: string): number => text.split(":").length - 1;

/** @returns what was wrong, and how long it took. */
async function runAll(plans: readonly Plan[], onDone: (count: number) => void = () => undefined): Promise<string[]> {
  const dispatcher = new Agent({ connections: lanes, headersTimeout: 0, bodyTimeout: 0 });
  const wrong: string[] = [];
  let next = 0;
  let done = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let plan = plans[next++]; plan; plan = plans[next++]) {
        wrong.push(...(await run(plan, dispatcher)));
        onDone((done += 1));
      }
    }),
  );
  await dispatcher.close();
  return wrong;
}

async function rows(): Promise<RequestEntry[]> {
  const text = await (await fetch(`${service.address}/api/requests/export?format=jsonl`)).text();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RequestEntry);
}

/** Rows of requests whose clients left come a moment after; a service at rest has all of them. */
async function atRest(count: number): Promise<RequestEntry[]> {
  for (;;) {
    const { items } = await serviceApi(service.address).get<{ items: Server[] }>("/api/servers");
    const isIdle = items.every(({ inFlight, waiting }) => inFlight === 0 && waiting === 0);
    const written = await rows();
    if (isIdle && written.length >= count) return written;
  }
}

test("thousands of streams with faults among them: no word in a wrong answer, no row lost, nothing left behind", async () => {
  const [first, second] = [plansOf("w", warmUp, 1), plansOf("m", measured, 2)];
  expect(await runAll(first)).toEqual([]);
  await atRest(warmUp);
  const before = figuresOf(service.pid).descriptors;
  const resident: number[] = [];
  const begun = performance.now();
  const wrong = await runAll(second, (done) => {
    if (done % (measured / 20) === 0) resident.push(figuresOf(service.pid).residentBytes);
  });
  const seconds = (performance.now() - begun) / 1000;
  expect(wrong).toEqual([]);

  const written = await atRest(warmUp + measured);
  const after = figuresOf(service.pid).descriptors;
  const byClient = Map.groupBy(written, ({ client }) => client);
  const misnamed = [...first, ...second].flatMap((plan) => {
    const own = byClient.get(plan.marker) ?? [];
    const [row] = own;
    const expected = rowOf[outcomeOf(plan)];
    const isRight = own.length === 1 && Object.entries(expected).every(([key, value]) => row?.[key as "id"] === value);
    return isRight ? [] : [{ plan: { ...plan, protocol: plan.protocol.name }, own }];
  });
  expect(misnamed).toEqual([]);
  expect(written).toHaveLength(warmUp + measured);

  const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;
  console.log(
    `soak: ${Math.round(measured / seconds)} requests/s; resident MB under load ${resident.map(megabytes).join(" ")}; ` +
      `descriptors ${before} -> ${after}`,
  );
  expect(after).toBeLessThanOrEqual(before);
  // Like with like: at the same load, after a warm-up, the first fifth against the last.
  const grownTo = median(resident.slice(-4)) / median(resident.slice(0, 4));
  expect(grownTo).toBeLessThanOrEqual(isFull ? 1.1 : Infinity);
}, 1_200_000);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

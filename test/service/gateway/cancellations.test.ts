import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Profile } from "../../../service/src/contract/profiles.ts";
import type { RequestEntry } from "../../../service/src/contract/requests.ts";
import type { Server } from "../../../service/src/contract/servers.ts";
import { processStart } from "../../../service/src/platform/process/identity.ts";
import { writeCachedModel } from "../../tools/cached-model.ts";
import { startTestService } from "../../tools/compose-test.ts";
import type { TestService } from "../../tools/compose-test.ts";
import { isFull, seededRandom, trials } from "../../tools/counts.ts";
import { followJsonLines } from "../../tools/json-lines.ts";
import type { JsonLines } from "../../tools/json-lines.ts";
import { serviceApi } from "../../tools/service-api.ts";
import { watchClosings } from "./closing-times.ts";
import type { ClosingTimes } from "./closing-times.ts";
import { protocols, readAnswer, send } from "./scripted-requests.ts";
import type { Script, ScriptedProtocol } from "./scripted-requests.ts";

const quick = "own/quick";
const narrow = "own/narrow";
const slow = "own/slow";
const lanes = 8;

interface Entry {
  readonly type: string;
  readonly name?: string;
  readonly kind?: string;
  readonly count?: number;
  readonly model?: string;
  readonly pid?: number;
  readonly monotonic?: number;
  /** The service's end of the connection. */
  readonly port?: number;
}

let home: string;
let service: TestService;
let engine: JsonLines<Entry>;
let closings: ClosingTimes;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "mlx-manager-leaving-"));
  const record = join(home, "record.ndjson");
  for (const model of [quick, narrow]) await writeCachedModel(join(home, "hub"), model, { record, scripted: true });
  // Never ready within this test.
  await writeCachedModel(join(home, "hub"), slow, { record, startDelayMs: 600_000, loadingSteps: 6000 });
  service = await startTestService({ home });
  engine = followJsonLines(record);
  closings = watchClosings();
  const api = serviceApi(service.address);
  // Profiles are listed before the library is looked at, a model is not.
  await api.get(`/api/models/${narrow}`);
  const { items } = await api.get<{ items: Profile[] }>("/api/profiles?limit=200");
  const profile = items.find(({ model }) => model === narrow);
  const { status } = await service.call("PATCH", `/api/profiles/${profile?.id}`, { limits: { concurrency: 1 } });
  expect(status).toBe(200);
}, 60_000);
afterAll(async () => {
  closings.close();
  engine.close();
  await service.close();
  rmSync(home, { recursive: true, force: true });
});

type Phase = "queued" | "loading" | "asked" | "prefill" | "streaming";
const phases: readonly Phase[] = ["queued", "loading", "asked", "prefill", "streaming"];

interface Plan {
  readonly name: string;
  readonly phase: Phase;
  readonly protocol: ScriptedProtocol;
  readonly stream: boolean;
  /** How far it gets in its phase. */
  readonly moment: number;
}

function plansOf(count: number, seed: number): Plan[] {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  return Array.from({ length: count }, (_, number) => {
    const phase = phases[number % phases.length] ?? "queued";
    const protocol = protocols[below(protocols.length)] as ScriptedProtocol;
    const moment = 1 + below({ queued: 1, loading: 2, asked: 1, prefill: 20, streaming: 150 }[phase]);
    return { name: `${phase}-${number}`, phase, protocol, stream: random() < 0.5, moment };
  });
}

const modelOf = { queued: narrow, loading: slow, asked: quick, prefill: quick, streaming: quick } as const;
const scriptOf = ({ name, phase, moment }: Plan): Script => {
  if (phase === "asked") return { name, hang: true };
  // None is over before a slow machine has seen that its client left.
  const tokens = 4000;
  if (phase === "prefill")
    return { name, tokens, prefillKeepalives: 30, tokenDelayMs: 10, report: { prefill: [moment] } };
  return { name, tokens, tokenDelayMs: 2, report: { token: [moment] } };
};

const serverOf = (model: string): Server | undefined =>
  service.service.pool.loaded().find((one) => one.model === model);
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await turn();
}

/** Resolves when the request has come so far as its plan says. */
async function moment({ name, phase, moment: count }: Plan, waitingBefore: number): Promise<void> {
  if (phase === "queued") return until(() => (serverOf(narrow)?.waiting ?? 0) > waitingBefore);
  if (phase === "loading") {
    await until(() => (serverOf(slow)?.waiting ?? 0) > waitingBefore);
    for (let step = 0; step < count; step += 1) await nextProgress();
    return;
  }
  await engine.until((entry) => entry.type === "reached" && entry.name === name);
}

const nextProgress = () =>
  new Promise<void>((resolve) => {
    const stop = service.service.events.listen(({ type }) => {
      if (type !== "server.progress") return;
      stop();
      resolve();
    });
  });

/** In milliseconds. */
interface Lateness {
  /** From the client's close to that of our connection to the engine, both as the service sees them. */
  readonly own: number;
  /** From the client's leaving to the engine's notice of it. */
  readonly engine: number;
}

/** Asks, leaves at its moment, and answers how long its work outlived it; null: none had begun. */
async function leave(plan: Plan): Promise<Lateness | null> {
  const { name, phase, protocol, stream } = plan;
  const model = modelOf[phase];
  const waitingBefore = serverOf(model)?.waiting ?? 0;
  const leaving = new AbortController();
  const asked = { address: service.address, protocol, model, script: scriptOf(plan), stream, client: name };
  const answer = (async () => {
    const { body, statusCode } = await send({ ...asked, signal: leaving.signal });
    if (statusCode !== 200) throw new Error(`${name} was answered ${statusCode}: ${await body.text()}`);
    for await (const event of readAnswer(body)) if (event && protocol.endOf(event)) throw new Error(`${name} ended`);
    throw new Error(`${name} ended too early`);
  })();
  answer.catch(() => undefined);
  await Promise.race([moment(plan, waitingBefore), answer]);
  const leftAt = Number(process.hrtime.bigint()) / 1e6;
  leaving.abort();
  await answer.catch((error: unknown) => {
    if (!leaving.signal.aborted || (error as Error).message.startsWith(name)) throw error;
  });
  if (phase === "queued" || phase === "loading") {
    // Its place in the line is free again.
    await until(() => (serverOf(model)?.waiting ?? 0) === waitingBefore);
    return null;
  }
  const seen = await engine.until((entry) => entry.type === "left" && entry.name === name);
  return { own: await closings.between(name, seen.port ?? 0), engine: (seen.monotonic ?? Infinity) - leftAt };
}

/** One after the other, in so many lanes. */
async function inLanes<Item>(items: readonly Item[], count: number, act: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: count }, async () => {
      for (let item = items[next++]; item !== undefined; item = items[next++]) await act(item);
    }),
  );
}

function figures(milliseconds: readonly number[]): string {
  const sorted = [...milliseconds].sort((one, other) => one - other);
  const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1);
  return `${sorted.length} times, p50 ${at(0.5)} ms, at most ${at(1)} ms`;
}

test("a client that leaves, at any moment and in any protocol, stops its work at once and leaves nothing behind", async () => {
  const plans = plansOf(trials(25, 100), 7);
  const holder = new AbortController();
  // Has the only place of the narrow one: who asks after it waits.
  const first = {
    address: service.address,
    protocol: protocols[0] as ScriptedProtocol,
    stream: true,
    client: "holder",
  };
  const held = send({ ...first, model: narrow, script: { name: "holder", hang: true }, signal: holder.signal });
  await engine.until(({ type, name }) => type === "reached" && name === "holder");
  const times: (Lateness & { phase: Phase })[] = [];
  const act = async (plan: Plan): Promise<void> => {
    const late = await leave(plan);
    if (late !== null) times.push({ ...late, phase: plan.phase });
  };
  const ofPhase = (phase: Phase) => plans.filter((plan) => plan.phase === phase);
  // Who waits is told by numbers of the whole line: there one after the other.
  await Promise.all([
    inLanes(ofPhase("queued"), 1, act),
    inLanes(ofPhase("loading"), 1, act),
    inLanes([...ofPhase("asked"), ...ofPhase("prefill"), ...ofPhase("streaming")], lanes, act),
  ]);
  expect(serverOf(narrow)).toMatchObject({ inFlight: 1, waiting: 0 });
  holder.abort();
  await held.then(({ body }) => body.dump()).catch(() => undefined);

  // Nobody came back for the load: it is given up, with its process.
  await until(() => serverOf(slow) === undefined);
  const started = engine.entries.filter(({ type, model }) => type === "start" && model?.includes("slow"));
  expect(started.map(({ pid }) => processStart(pid ?? 0))).toEqual([null]);
  await until(() => service.service.pool.loaded().every(({ inFlight, waiting }) => inFlight + waiting === 0));

  const { items } = await serviceApi(service.address).get<{ items: RequestEntry[] }>("/api/requests?limit=200");
  for (const { name, phase, stream } of plans) {
    const rows = items.filter(({ client }) => client === name);
    const hasServer = phase === "queued" || phase === "loading" ? null : expect.any(String);
    expect(rows).toEqual([
      expect.objectContaining({
        clientLeft: true,
        status: 499,
        errorCode: null,
        streamed: stream,
        serverId: hasServer,
      }),
    ]);
  }
  // The engines never heard of who had no place yet.
  const heard = engine.entries.filter(({ name }) => name?.startsWith("queued") || name?.startsWith("loading"));
  expect(heard).toEqual([]);
  for (const phase of ["asked", "prefill", "streaming"] as const) {
    const own = times.filter((late) => late.phase === phase);
    console.log(
      `${phase}: our connection ${figures(own.map((late) => late.own))}; the engine ${figures(own.map((late) => late.engine))}`,
    );
  }
  expect(times.filter(({ own }) => own > (isFull ? 100 : Infinity))).toEqual([]);

  const again = await send({ ...first, model: narrow, script: { name: "after", text: "Here." }, client: "after" });
  expect(await again.body.text()).toContain("Here.");
}, 300_000);

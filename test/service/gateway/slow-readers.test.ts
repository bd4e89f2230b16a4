import { mkdtempSync, rmSync } from "node:fs";
import { request as ask } from "node:http";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Agent } from "undici";
import type { Profile } from "../../../service/src/contract/profiles.ts";
import type { RequestEntry } from "../../../service/src/contract/requests.ts";
import { writeCachedModel } from "../../tools/cached-model.ts";
import { isFull, trials } from "../../tools/counts.ts";
import { followJsonLines } from "../../tools/json-lines.ts";
import type { JsonLines } from "../../tools/json-lines.ts";
import { figuresOf } from "../../tools/process-figures.ts";
import { serviceApi } from "../../tools/service-api.ts";
import { startServiceProcess } from "../../tools/service-process.ts";
import type { ServiceProcess } from "../../tools/service-process.ts";
import { protocols, readAnswer, send } from "./scripted-requests.ts";
import type { ScriptedProtocol } from "./scripted-requests.ts";

const program = fileURLToPath(new URL("../../fakes/fake-engine-service.ts", import.meta.url));
const model = "own/scripted";
const lanes = 16;
const quickRequests = trials(96, 1000);
/** Of a slow reader's answer: 64 MB in all, far beyond what sockets hold. */
const flood = { tokens: 4000, tokenBytes: 16_384 };
const bytesPerSecond = 1000;
/** Responses alone repeats the whole text at its end, and has to hold it. */
const frugal = protocols.filter(({ name }) => name !== "responses");
/** For one stream: 256 KiB that wait for its client, and what the 8 MB cost that went by before the sockets were full. */
const mostTaken = 2 * 1024 * 1024;

interface Entry {
  readonly type: string;
  readonly name?: string;
  readonly count?: number;
  readonly tokens?: number;
}

let home: string;
let service: ServiceProcess;
let engine: JsonLines<Entry>;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "mlx-manager-slow-"));
  const record = join(home, "record.ndjson");
  await writeCachedModel(join(home, "hub"), model, { scripted: true, record });
  service = await startServiceProcess({ home, main: program });
  engine = followJsonLines(record);
  const api = serviceApi(service.address);
  await api.get(`/api/models/${model}`);
  const { items } = await api.get<{ items: Profile[] }>("/api/profiles?limit=200");
  const profile = items.find((one) => one.model === model);
  await api.send("PATCH", `/api/profiles/${profile?.id}`, { limits: { concurrency: 64 } });
  await quickOnes("warm-up");
}, 120_000);
afterAll(async () => {
  engine.close();
  await service.kill("SIGTERM");
  rmSync(home, { recursive: true, force: true });
});

/** Begins an answer and takes so little of it each second. */
async function readSlowly(name: string, protocol: ScriptedProtocol): Promise<() => void> {
  const script = `script: ${JSON.stringify({ name, reportEvery: 4, ...flood })}`;
  const sent = ask(`${service.address}${protocol.path}`, {
    method: "POST",
    agent: false,
    headers: { "content-type": "application/json", "user-agent": name },
  });
  sent.end(JSON.stringify(protocol.body(model, script, true)));
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    sent.once("response", resolve).once("error", reject),
  );
  answer.on("error", () => undefined);
  answer.pause();
  // Taken by hand: `pause` alone would never ask the socket for more.
  answer.on("readable", () => undefined);
  const reading = setInterval(() => answer.read(Math.min(bytesPerSecond, answer.readableLength)), 1000);
  return () => {
    clearInterval(reading);
    answer.destroy();
  };
}

const reached = (name: string): number => engine.entries.findLast((entry) => entry.name === name)?.count ?? 0;

/** The engine has sent as much as all the sockets on the way hold: other answers come and go, and it gets hardly further. */
async function stillness(names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => engine.until((entry) => entry.name === name)));
  for (let last = -Infinity, round = 0; ; round += 1) {
    const now = names.reduce((sum, name) => sum + reached(name), 0);
    // Less than one report of each: what the clients take meanwhile goes on.
    if (now - last < 4 * names.length) return;
    last = now;
    for (let number = 0; number < 20; number += 1) await quickOne(`beside-${names.length}-${round}-${number}`);
  }
}

async function quickOne(name: string, dispatcher?: Agent): Promise<void> {
  const [protocol] = protocols as [ScriptedProtocol];
  const text = `${name} is quick.`;
  const asked = { address: service.address, protocol, model, stream: true, client: name, dispatcher };
  const { body } = await send({ ...asked, script: { name, text } });
  let said = "";
  for await (const event of readAnswer(body)) said += (event && protocol.textOf(event)) ?? "";
  if (said !== text) throw new Error(`"${said}" in place of "${text}"`);
}

/** @returns answers per second. */
async function quickOnes(name: string): Promise<number> {
  const dispatcher = new Agent({ connections: lanes });
  const begun = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let number = next++; number < quickRequests; number = next++)
        await quickOne(`${name}-${number}`, dispatcher);
    }),
  );
  await dispatcher.close();
  return (quickRequests * 1000) / (performance.now() - begun);
}

test.each([1, trials(8, 32)])(
  "%i clients that read 1 kB a second hold back their engines alone",
  async (count) => {
    const alone = await quickOnes(`without-${count}`);
    const before = figuresOf(service.pid).residentBytes;
    const names = Array.from({ length: count }, (_, number) => `slow-${count}-${number}`);
    const leaving = await Promise.all(
      names.map((name, number) => readSlowly(name, frugal[number % frugal.length] as ScriptedProtocol)),
    );
    await stillness(names);
    const settled = figuresOf(service.pid).residentBytes;
    const beside = await quickOnes(`with-${count}`);
    const during = figuresOf(service.pid).residentBytes;
    const counts = names.map(reached);
    expect(Math.max(...counts)).toBeLessThan(flood.tokens);
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    console.log(
      `${count} slow readers: resident MB ${[before, settled, during].map(megabytes).join(" -> ")}; quick answers/s ${alone.toFixed(0)} ` +
        `without, ${beside.toFixed(0)} with; tokens of ${flood.tokens} that their engines got rid of: ${Math.min(...counts)} to ${Math.max(...counts)}`,
    );
    // Flat while they read.
    expect(during).toBeLessThanOrEqual(isFull ? settled * 1.1 : Infinity);
    expect(settled).toBeLessThanOrEqual(isFull ? before * 1.1 + count * mostTaken : Infinity);

    for (const leave of leaving) leave();
    for (const name of names) {
      const { tokens } = await engine.until((entry) => entry.type === "left" && entry.name === name);
      expect(tokens).toBeLessThan(flood.tokens);
    }
    await rowsOf(names);
  },
  600_000,
);

async function rowsOf(names: readonly string[]): Promise<void> {
  for (;;) {
    const { items } = await serviceApi(service.address).get<{ items: RequestEntry[] }>(
      "/api/requests?limit=200&status=499",
    );
    const own = items.filter(({ client }) => names.includes(client ?? ""));
    if (own.length < names.length) continue;
    expect(own.every(({ clientLeft, errorCode }) => clientLeft && errorCode === null)).toBe(true);
    return;
  }
}

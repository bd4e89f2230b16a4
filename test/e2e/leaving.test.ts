import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { RequestEntry } from "../../service/src/contract/requests.ts";
import type { Server } from "../../service/src/contract/servers.ts";
import { trials } from "../tools/counts.ts";
import { processorTimeOf } from "../tools/process-figures.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

const model = "mlx-manager/demo";
const tokens = trials(400, 1500);
const config = JSON.parse(
  readFileSync(fileURLToPath(new URL("../../service/demo-model/model/config.json", import.meta.url)), "utf8"),
) as { eos_token_id: number[] };

const endless = Object.fromEntries(config.eos_token_id.map((id) => [id, -100]));

let service: RealService;
let pid: number;
beforeAll(async () => {
  service = await startRealService();
  expect((await ask({ max_tokens: 1 })).status).toBe(200);
  const { items } = await service.api().get<{ items: Server[] }>("/api/servers");
  pid = items[0]?.pid ?? 0;
}, 600_000);
afterAll(() => service.close());

/** An answer that does not end by itself. */
function ask(change: object, signal: AbortSignal | null = null): Promise<Response> {
  const messages = [{ role: "user", content: "What is MLX Manager?" }];
  const body = { model, messages, max_tokens: tokens, logit_bias: endless, ...change };
  return fetch(`${service.address()}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "leaver/1" },
    body: JSON.stringify(body),
    signal,
  });
}

/** Resolves when the engine works no more, with the processor time it had then and when it was last seen to work. */
async function still(): Promise<{ used: number; at: number }> {
  let last = { used: processorTimeOf(pid), at: performance.now() };
  for (let quiet = 0; quiet < 60; quiet += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const used = processorTimeOf(pid);
    if (used <= last.used + 10) continue;
    last = { used, at: performance.now() };
    quiet = 0;
  }
  return last;
}

async function readUntil(response: Response, text: string): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let seen = ""; !seen.includes(text);) {
    const next = await reader?.read();
    if (next === undefined || next.done) throw new Error(`The answer ended before "${text}": ${seen}`);
    seen += next.value;
  }
}

async function working(): Promise<void> {
  const before = processorTimeOf(pid);
  while (processorTimeOf(pid) < before + 100) await new Promise((resolve) => setImmediate(resolve));
}

const long = [{ role: "user", content: "The quick brown fox jumps over the lazy dog. ".repeat(70) }];
const moments: [string, object, (answer: Promise<Response>) => Promise<void>][] = [
  ["a stream", { stream: true }, async (answer) => readUntil(await answer, '"content":" ')],
  ["a whole answer", { stream: false }, () => working()],
  [
    "a prefill",
    { stream: true, messages: long, max_tokens: 100 },
    async (answer) => readUntil(await answer, ": prefill"),
  ],
];

test("the engine itself stops its work when a client leaves, and answers the next", async () => {
  const begun = (await still()).used;
  await ask({}).then((response) => response.text());
  const whole = (await still()).used - begun;
  for (const [name, change, moment] of moments) {
    const leaving = new AbortController();
    const answer = ask(change, leaving.signal);
    answer.catch(() => undefined);
    await moment(answer);
    const before = processorTimeOf(pid);
    const leftAt = performance.now();
    leaving.abort();
    const { used, at } = await still();
    console.log(
      `${name}: mlx_lm worked on for ${Math.max(0, at - leftAt).toFixed(0)} ms, ${used - before} ms of processor time ` +
        `(a whole answer of ${tokens} tokens takes ${whole})`,
    );
    expect(used - before).toBeLessThan(whole / 2);
  }
  expect((await ask({ max_tokens: 3 })).status).toBe(200);
  const { items } = await service.api().get<{ items: RequestEntry[] }>("/api/requests?status=499");
  expect(items.map(({ clientLeft, errorCode }) => [clientLeft, errorCode])).toEqual(moments.map(() => [true, null]));
}, 600_000);

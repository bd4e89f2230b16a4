import { request } from "undici";
import type { Dispatcher } from "undici";
import * as z from "zod";
import type { Clock } from "../../../platform/clock.ts";

export interface ProbeTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

export type ProbeResult =
  { readonly ok: true } | { readonly ok: false; readonly timedOut: boolean; readonly reason: string };

/** Asks an engine for one token. Injected, so that policies are tested without an engine. */
export type Probe = (target: ProbeTarget, deadlineMs: number, signal?: AbortSignal) => Promise<ProbeResult>;

/** Always the same words: each new prompt would take a place in the engine's prompt cache. */
const body = JSON.stringify({
  model: "default_model",
  messages: [{ role: "user", content: "Hi" }],
  max_tokens: 1,
  temperature: 0,
  stream: false,
});
const longestAnswerBytes = 64 * 1024;

const Answer = z.object({
  choices: z.array(z.object({ finish_reason: z.string().nullish() })).min(1),
  usage: z.object({ completion_tokens: z.number() }).nullish(),
});

/**
 * One token of a fixed prompt, or why not. `/health` proves nothing: an engine answers it while its generation
 * thread is dead or hangs.
 */
export function createProbe(clock: Clock): Probe {
  return async (target, deadlineMs, signal) => {
    const late = new AbortController();
    const cancel = clock.after(deadlineMs, () => late.abort());
    try {
      return await ask(target, signal ? AbortSignal.any([late.signal, signal]) : late.signal);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      const seconds = Math.round(deadlineMs / 100) / 10;
      if (late.signal.aborted) return { ok: false, timedOut: true, reason: `no token came back within ${seconds} s` };
      return { ok: false, timedOut: false, reason: `the engine's port did not answer (${causeOf(error)})` };
    } finally {
      cancel();
    }
  };
}

async function ask({ url, headers, dispatcher }: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
  const response = await request(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
    dispatcher,
    signal,
  });
  const text = await readText(response.body);
  if (response.statusCode !== 200) return failed(`the engine answered ${response.statusCode}`);
  const answer = text === null ? null : Answer.safeParse(parseJson(text));
  const tokens = answer?.success === true ? (answer.data.usage?.completion_tokens ?? 1) : 0;
  return tokens > 0 ? { ok: true } : failed("the engine's answer held no token");
}

function failed(reason: string): ProbeResult {
  return { ok: false, timedOut: false, reason };
}

async function readText(stream: AsyncIterable<Uint8Array>): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > longestAnswerBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is no token: the caller's schema says so.
    return undefined;
  }
}

function causeOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" ? code : error instanceof Error ? error.name : "unknown";
}

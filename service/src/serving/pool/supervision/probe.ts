import type { Dispatcher } from "undici";
import type { Clock } from "../../../platform/clock.ts";
import { undici } from "../../../platform/undici.ts";
import { readText } from "../units/probe-answer.ts";
import type { ProbeQuestion } from "./probe-questions.ts";

export interface ProbeTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

export type ProbeResult =
  { readonly ok: true } | { readonly ok: false; readonly timedOut: boolean; readonly reason: string };

/** Asks an engine for the least that it can do. Injected, so that policies are tested without an engine. */
export type Probe = (target: ProbeTarget, deadlineMs: number, signal?: AbortSignal) => Promise<ProbeResult>;

/**
 * One token of a fixed prompt, or one vector, or why not. `/health` proves nothing: an engine answers it while its generation
 * thread is dead or hangs.
 */
export function createProbe(clock: Clock, question: ProbeQuestion): Probe {
  return async (target, deadlineMs, signal) => {
    const late = new AbortController();
    const cancel = clock.after(deadlineMs, () => late.abort());
    try {
      return await ask(question, target, signal ? AbortSignal.any([late.signal, signal]) : late.signal);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      const seconds = Math.round(deadlineMs / 100) / 10;
      if (late.signal.aborted)
        return { ok: false, timedOut: true, reason: `no ${question.result} came back within ${seconds} s` };
      return { ok: false, timedOut: false, reason: `the engine's port did not answer (${causeOf(error)})` };
    } finally {
      cancel();
    }
  };
}

async function ask(
  question: ProbeQuestion,
  { url, headers, dispatcher }: ProbeTarget,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const response = await undici.request(`${url}${question.path}`, {
    method: "POST",
    headers: { ...headers, "content-type": question.contentType },
    body: question.body,
    dispatcher,
    signal,
  });
  const text = await readText(response.body);
  if (response.statusCode !== 200) return failed(`the engine answered ${response.statusCode}`);
  const isAnswer = text !== null && question.isAnswer(parseJson(text));
  return isAnswer ? { ok: true } : failed(`the engine's answer held no ${question.result}`);
}

function failed(reason: string): ProbeResult {
  return { ok: false, timedOut: false, reason };
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

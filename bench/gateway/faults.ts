// What a client sees of each gateway when something goes wrong.
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { questionBody } from "./ask.ts";
import type { Script } from "./ask.ts";
import { names } from "./contender.ts";
import type { Contender } from "./contender.ts";

/** What came, and when; times in milliseconds from the question on. */
export interface Seen {
  readonly status: number | null;
  readonly text: string;
  /** The connection broke, or none was to be had. */
  readonly broken: string | null;
  /** Nothing more came within the patience. */
  readonly hangs: boolean;
  readonly endMs: number;
  /** Until the first byte of the body; null where there was none. */
  readonly firstByteMs: number | null;
  readonly firstTokenMs: number | null;
}

export interface Fault {
  readonly what: string;
  readonly isStream: boolean;
  readonly script?: Script;
  /** Added to the body, or the whole body. */
  readonly extra?: object;
  readonly body?: string;
  readonly judge: (seen: Seen) => Verdict;
}

export interface Verdict {
  readonly isGood: boolean;
  readonly why: string;
}

const good = (why: string): Verdict => ({ isGood: true, why });
const bad = (why: string): Verdict => ({ isGood: false, why });
/** Longer than the silence that every contender is told to bear. */
export const patienceMs = 13_000;
const promptMs = 3000;

export const faults: readonly Fault[] = [
  {
    ...{ what: "the engine dies after 10 tokens of a stream", isStream: true },
    script: { tokens: 32, diesAfter: 10, paced: true },
    judge: judgeCutStream,
  },
  {
    ...{ what: "the engine dies in a whole answer", isStream: false },
    script: { tokens: 32, diesAfter: 10, paced: true },
    judge: (seen) => judgeRefusal(seen, 500),
  },
  {
    ...{ what: "temperature: null", isStream: false, script: { tokens: 3 }, extra: { temperature: null } },
    judge: judgeWhole,
  },
  { ...{ what: "no messages", isStream: false, extra: { messages: undefined } }, judge: judgeBadRequest },
  {
    ...{ what: "messages of the wrong type", isStream: false, extra: { messages: "Hello" } },
    judge: judgeBadRequest,
  },
  { ...{ what: "a body that is no JSON", isStream: false, body: '{"model": ' }, judge: judgeBadRequest },
  {
    ...{ what: "the engine hangs before a stream", isStream: true, script: { tokens: 32, hangs: true } },
    judge: judgeSilence,
  },
  {
    ...{ what: "the engine hangs before a whole answer", isStream: false, script: { tokens: 32, hangs: true } },
    judge: judgeSilence,
  },
  {
    ...{ what: "the engine hangs after 10 tokens", isStream: true },
    script: { tokens: 32, stallsAfter: 10, paced: true },
    judge: judgeSilence,
  },
  {
    ...{ what: "the engine reads the prompt for 4 s", isStream: true, script: { tokens: 5, prefillMs: 4000 } },
    judge: judgePrefill,
  },
];

export const engineDown: readonly Fault[] = [true, false].map((isStream) => ({
  what: `the engine is down, ${isStream ? "a stream" : "a whole answer"}`,
  isStream,
  script: { tokens: 5 },
  judge: (seen: Seen) => judgeRefusal(seen, 500),
}));

/** Asks once and looks until the end, or until nothing has come for too long. */
export function look(contender: Contender, fault: Fault): Promise<Seen> {
  const { isStream, script = { tokens: 5 }, extra = {} } = fault;
  const body = fault.body ?? questionBody(contender.model, script, isStream, extra);
  const began = performance.now();
  const since = (): number => performance.now() - began;
  return new Promise((resolve) => {
    let status: number | null = null;
    let text = "";
    let firstByteMs: number | null = null;
    let firstTokenMs: number | null = null;
    const end = (broken: string | null, hangs = false): void => {
      clearTimeout(patience);
      resolve({ status, text, broken, hangs, endMs: since(), firstByteMs, firstTokenMs });
      sent.destroy();
    };
    const sent = request(`${contender.url}/v1/chat/completions`, {
      method: "POST",
      agent: false,
      headers: {
        ...contender.headers,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      },
    });
    const patience = setTimeout(() => end(null, true), patienceMs);
    sent.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    sent.once("response", (response: IncomingMessage) => {
      status = response.statusCode ?? null;
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        firstByteMs ??= since();
        if (/"content": ?"[^"]/.test(piece)) firstTokenMs ??= since();
        text += piece;
      });
      response.once("end", () => end(null));
      response.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    });
    sent.end(body);
  });
}

/** Words for the column of what was seen. */
export function describe({ status, text, broken, hangs, endMs }: Seen): string {
  const how = hangs ? "still open" : broken === null ? "ended" : `broken off (${broken})`;
  const error = errorOf(text);
  const tokens = countTokens(text);
  const marks = [
    status === null ? "no answer" : String(status),
    ...(tokens === 0 ? [] : [`${tokens} tokens`]),
    ...(/"finish_reason": ?"\w/.test(text) ? ["a finish reason"] : []),
    ...(text.includes("[DONE]") ? ["[DONE]"] : []),
    ...(error === null ? [] : [`error "${error.slice(0, 60)}"`]),
  ];
  return `${marks.join(", ")}, ${how} after ${(endMs / 1000).toFixed(1)} s`;
}

function judgeCutStream({ text, broken, hangs }: Seen): Verdict {
  if (hangs) return bad("never ends");
  if (errorOf(text) !== null) return good("told as an error");
  if (broken !== null) return good("the connection breaks: clients notice");
  return bad(text.includes("[DONE]") ? "told as a complete answer" : "cut off without a word");
}

function judgeRefusal({ status, text, broken, hangs, endMs }: Seen, least: number): Verdict {
  if (hangs) return bad("never ends");
  if (status === null || broken !== null) return bad("no answer at all");
  if (status < least && errorOf(text) === null) return bad("told as a good answer");
  if (endMs > promptMs) return bad(`told only after ${(endMs / 1000).toFixed(1)} s`);
  return good(errorOf(text) === null ? "told as an error, without a reason" : "told as an error, at once");
}

function judgeWhole({ status, hangs, text }: Seen): Verdict {
  if (status === 200 && countTokens(text) > 0) return good("answered");
  return bad(hangs ? "never ends" : "refused: null is absence");
}

function judgeBadRequest({ status, text, hangs }: Seen): Verdict {
  if (hangs) return bad("never ends");
  if (status === null) return bad("no answer at all");
  if (status < 400 || status >= 500) return bad(`${status}, as if the server were at fault`);
  return errorOf(text) === null ? bad("an error that no client can read") : good("told what is wrong");
}

function judgeSilence({ status, text, broken, hangs, endMs }: Seen): Verdict {
  if (hangs) return bad(`still waits after ${(endMs / 1000).toFixed(0)} s`);
  if (errorOf(text) !== null) return good("told as an error");
  if ((status ?? 0) >= 500) return good("told as an error, without a reason");
  return broken === null && status === 200 ? bad("told as a complete answer") : bad("no word of what happened");
}

function judgePrefill({ status, text, hangs, firstByteMs, firstTokenMs }: Seen): Verdict {
  if (hangs || status !== 200 || !text.includes("[DONE]")) return bad("no whole answer");
  const isTold = firstByteMs !== null && firstTokenMs !== null && firstTokenMs - firstByteMs > 500;
  return isTold ? good("told meanwhile") : bad("nothing is heard until the first token");
}

/** The message of an error in OpenAI's form, in a body or an event. */
function errorOf(text: string): string | null {
  const pieces = text.startsWith("{") ? [text] : text.split("\n").map((line) => line.replace(/^data: ?/, ""));
  for (const piece of pieces) {
    if (!piece.includes('"error"')) continue;
    try {
      const { error } = JSON.parse(piece) as { error?: unknown };
      const said = typeof error === "string" ? error : (error as { message?: unknown } | null | undefined)?.message;
      if (typeof said === "string") return said;
    } catch {
      // Not JSON, so no error in its form.
      continue;
    }
  }
  return null;
}

function countTokens(text: string): number {
  return text.match(/"content": ?"[^"]/g)?.length ?? 0;
}

/** The last generation as the scripted engine saw it end. */
interface EngineEnd {
  readonly why: string;
  readonly tokens: number;
  readonly at: number;
}

/** A client asks for a whole answer of four seconds and leaves after half a second: how long is worked on for nobody? */
export async function cancelWhole(
  contender: Contender,
  engineUrl: string,
): Promise<{ seen: string; verdict: Verdict }> {
  const tokens = 200;
  const body = questionBody(contender.model, { tokens, paced: true }, false);
  const sent = request(`${contender.url}/v1/chat/completions`, {
    method: "POST",
    agent: false,
    headers: { ...contender.headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) },
  });
  sent.on("error", () => undefined);
  sent.end(body);
  await delay(500);
  sent.destroy();
  const leftAt = Date.now();
  for (let end: EngineEnd | null = null; ; await delay(50)) {
    end = (await (await fetch(`${engineUrl}/last-end`)).json()) as EngineEnd | null;
    if (end === null) continue;
    const ms = end.at - leftAt;
    const seen = `the engine made ${end.tokens} of ${tokens} tokens, until ${ms} ms after the client had left`;
    if (contender.name === names.direct) return { seen, verdict: bad("an engine looks for no client here") };
    return { seen, verdict: ms <= 100 && end.tokens < tokens ? good("stopped") : bad("worked on for nobody") };
  }
}

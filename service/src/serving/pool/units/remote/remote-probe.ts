import type { Dispatcher } from "undici";
import * as z from "zod";
import type { ProfileRemote } from "../../../../contract/profile-kinds.ts";
import type { Clock } from "../../../../platform/clock.ts";
import { undici } from "../../../../platform/undici.ts";
import { readText } from "../probe-answer.ts";
import type { CircuitFailure } from "./circuit.ts";
import { judgeConnection, judgeStatus } from "./remote-answers.ts";

const Answer = z.object({ choices: z.array(z.unknown()).min(1) });

export interface RemoteProbe {
  readonly remote: ProfileRemote;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** Asks a remote service for one token. @returns null when it came, else why not. */
export async function probeRemote(probe: RemoteProbe): Promise<CircuitFailure | null> {
  const { remote, headers, dispatcher, clock, deadlineMs, signal } = probe;
  const late = new AbortController();
  const cancel = clock.after(deadlineMs, () => late.abort());
  try {
    const response = await undici.request(`${remote.baseUrl}/chat/completions`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({
        model: remote.model,
        messages: [{ role: "user", content: "Hi" }],
        ...{ max_tokens: 1, stream: false },
      }),
      dispatcher,
      signal: AbortSignal.any([late.signal, signal]),
    });
    const text = await readText(response.body);
    const retryAfter = response.headers["retry-after"];
    const failure = judgeStatus(response.statusCode, Array.isArray(retryAfter) ? retryAfter[0] : retryAfter);
    if (failure !== null) return failure;
    if (response.statusCode === 404) return wrong("it knows no such address or model (404). Correct them");
    if (response.statusCode !== 200) return wrong(`it refused to answer (${response.statusCode})`);
    return text !== null && Answer.safeParse(parse(text)).success ? null : wrong("its answer is none of a chat");
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const seconds = Math.round(deadlineMs / 100) / 10;
    return late.signal.aborted ? wrong(`no token came back within ${seconds} s`) : judgeConnection(error);
  } finally {
    cancel();
  }
}

function wrong(reason: string): CircuitFailure {
  return { reason, retryAfterMs: null };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

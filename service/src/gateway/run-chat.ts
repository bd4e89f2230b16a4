import type { Profile } from "../contract/profiles.ts";
import { AppError } from "../platform/errors.ts";
import type { GatewayDependencies, GatewayLease } from "./dependencies.ts";
import { isForced } from "./answer-format.ts";
import { watchLife } from "./answer-life.ts";
import type { AnswerLife } from "./answer-life.ts";
import { askEngine } from "./ask-engine.ts";
import { engineProtocol } from "./engines/engine-protocol.ts";
import { engineFailed, retryAdvice } from "./failures.ts";
import { linkedAbort } from "./linked-abort.ts";
import { loadModel } from "./load-model.ts";
import type { Part, PartStream } from "./parts.ts";
import type { NormalRequest } from "./request.ts";
import { watchStall } from "./stall-watch.ts";
import { carryLogprobs } from "./token-logprobs.ts";
import { mustCall } from "./stages/must-call.ts";
import { oneToolCall } from "./stages/one-tool-call.ts";
import { repairedCalls } from "./stages/repaired-calls.ts";
import { stepOf, takeSteps } from "./stages/stage.ts";
import type { Step } from "./stages/stage.ts";
import { stopSequences } from "./stages/stop-sequences.ts";
import { textCalls } from "./stages/text-calls.ts";
import { thinkingTags } from "./stages/thinking-tags.ts";

export interface ChatRun {
  readonly id: string;
  /** The name the client asked for. */
  readonly model: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly profile: Profile;
  readonly revision: string;
  /** Whom it is for; left out: the service itself. */
  readonly client?: string | undefined;
  /** How long the model stays loaded after it; left out: nothing was said. */
  readonly keepMs?: number | undefined;
  readonly request: NormalRequest;
  /** The engine's body of the request. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Aborts when the client leaves: the upstream socket is destroyed at once. */
  readonly signal: AbortSignal;
  readonly onLease: (lease: GatewayLease) => void;
  /** Hears the text as the engine gave it, calls that it left in there included. */
  readonly onText?: ((text: string) => void) | undefined;
}

/** One whose images are still where they were: all that a protocol need know of it. */
export type PlannedRun = Omit<ChatRun, "body">;

type RunDependencies = Pick<GatewayDependencies, "clock" | "ids" | "log" | "pool" | "settings" | "stopping">;

/**
 * One answer, from loading the model to the last part. Leaving the iteration stops the engine's work.
 * @throws AppError for what fails before the engine answers; from then on failures are an `error` part.
 */
export async function* runChat(dependencies: RunDependencies, run: ChatRun): AsyncGenerator<readonly Part[]> {
  const { clock, pool } = dependencies;
  const stop = linkedAbort(run.signal, dependencies.stopping);
  let lease: GatewayLease | null = null;
  let life: AnswerLife | null = null;
  let isComplete = false;
  try {
    yield [{ type: "start", id: run.id, model: run.model, created: run.created }];
    const target = { profile: run.profile, revision: run.revision, client: run.client, keepMs: run.keepMs };
    lease = yield* loadModel(pool, target, stop.signal);
    run.onLease(lease);
    const seconds = dependencies.settings.values().stallDeadlineSeconds;
    const stall = watchStall(clock, seconds * 1000, () => stop.abort(stalled(seconds)));
    try {
      let answer = await ask(dependencies, run, lease, stop.signal);
      if ("lost" in answer) {
        // An engine that dies between two requests is found by the next one. Nothing was answered yet: ask anew, once.
        lease.release();
        lease = null;
        lease = yield* loadModel(pool, target, stop.signal);
        run.onLease(lease);
        answer = await ask(dependencies, run, lease, stop.signal);
      }
      if ("lost" in answer)
        throw engineFailed(`The engine closed the connection before it answered. ${retryAdvice}`, answer.lost);
      const steps = stepsOf(run, dependencies.ids);
      life = watchLife(lease, stall, clock);
      // One loop for all that is done to a token: a generator for each step would cost more than the steps do.
      for await (const given of answer) {
        // Before the steps: what they hold back is life too.
        life.see(given);
        const [parts, isOver] = takeSteps(steps, given);
        if (parts.length > 0) {
          stall.pause();
          yield parts;
          stall.resume();
        }
        if (isOver) break;
      }
      isComplete = true;
    } finally {
      life?.end();
      stall.stop();
    }
  } finally {
    // An answer that was read to its end has nothing left to stop.
    if (!isComplete) stop.abort(new DOMException("The answer is over.", "AbortError"));
    stop.unlink();
    lease?.release();
  }
}

/**
 * The engine's answer as parts, or why the connection was lost before one came. Nothing was shown yet, so a refusal is
 * thrown with its own status.
 */
async function ask(
  { ids, log }: RunDependencies,
  { body, request }: ChatRun,
  lease: GatewayLease,
  signal: AbortSignal,
): Promise<PartStream | { readonly lost: unknown }> {
  const { headers, serverId, engine } = lease;
  try {
    const protocol = engineProtocol(engine, request);
    const response = await askEngine(lease, { path: protocol.path, body: JSON.stringify(body) }, signal);
    if (response.statusCode !== 200) throw await protocol.readError(response, headers);
    return protocol.read(response.body, {
      headers,
      newCallId: () => ids("call"),
      onFailure: (error) => {
        if (!isLeft(signal)) log.warn({ error, serverId }, "an engine's answer failed");
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AppError) throw error;
    log.warn({ error, serverId }, "an engine could not be asked");
    return { lost: error };
  }
}

function stepsOf({ request, onText }: ChatRun, ids: RunDependencies["ids"]): readonly Step[] {
  const steps: Step[] = [];
  if (request.prompt === undefined) steps.push(stepOf(thinkingTags));
  if (onText) steps.push(overheard(onText));
  if (request.tools.length > 0) steps.push(stepOf(textCalls({ tools: request.tools, callId: ids("call") })));
  steps.push(stepOf(repairedCalls));
  if (isForced(request)) steps.push(stepOf(mustCall));
  if (!request.parallelToolCalls) steps.push(stepOf(oneToolCall));
  if (request.stop.length > 0) steps.push(stepOf(stopSequences(request.stop)));
  return request.topLogprobs === undefined ? steps : carryLogprobs(steps);
}

function overheard(onText: (text: string) => void): Step {
  const texts = new Set<number>();
  return (parts) => {
    for (const part of parts) {
      if (part.type === "block-start" && part.kind === "text") texts.add(part.index);
      else if (part.type === "block-delta" && texts.has(part.index)) onText(part.text);
    }
    return parts;
  };
}

function stalled(seconds: number): AppError {
  return new AppError("engine_timeout", `The engine gave no token for ${seconds} seconds. ${retryAdvice}`, {
    details: { source: "engine" },
  });
}

/** Whether somebody ended the answer on purpose: nothing for the log. */
function isLeft(signal: AbortSignal): boolean {
  return signal.aborted && !(signal.reason instanceof AppError);
}

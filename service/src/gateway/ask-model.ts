import type { ChatRequest } from "../contract/openai.ts";
import type { Profile } from "../contract/profiles.ts";
import { collectAnswer, textOfKind } from "./collect-answer.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { engineProtocol } from "./engines/engine-protocol.ts";
import { limitsOf } from "./limits.ts";
import { readChat } from "./openai/read-chat.ts";
import { checkParameters } from "./parameters.ts";
import type { Part } from "./parts.ts";
import { normalizeRequest } from "./request.ts";
import { runChat } from "./run-chat.ts";

/** A question of the service's own, on the way that every client's question goes. */
export interface Question {
  readonly profile: Profile;
  readonly revision: string;
  readonly request: ChatRequest;
  readonly signal: AbortSignal;
}

/** The answer as a client would have got it, and when it came. */
export interface HeardAnswer {
  readonly serverId: string;
  readonly text: string;
  /** The text as the engine gave it, before calls were read out of it. */
  readonly written: string;
  readonly reasoning: string;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: string }[];
  /** Tokens as the engine counted them; null where it did not say. */
  readonly tokens: { readonly input: number | null; readonly output: number | null; readonly cached: number | null };
  /** From sending the question to the ready server. */
  readonly firstTokenMs: number | null;
  readonly lastTokenMs: number | null;
}

export type AskModel = (question: Question) => Promise<HeardAnswer>;

type AskDependencies = Pick<GatewayDependencies, "clock" | "ids" | "log" | "models" | "pool" | "settings" | "stopping">;

/** @throws AppError as a client would be told; the signal's reason. */
export function createAskModel(dependencies: AskDependencies): AskModel {
  const { clock, ids, models } = dependencies;
  return async ({ profile, revision, request, signal }) => {
    checkParameters(request);
    const limits = limitsOf(profile, models);
    const normal = normalizeRequest(readChat(request), profile, limits);
    const heard = {
      serverId: "",
      written: "",
      sentAt: clock.monotonic(),
      first: null as number | null,
      last: null as number | null,
    };
    const usage = { input: null as number | null, output: null as number | null, cached: null as number | null };
    const run = {
      ...{ id: ids("chatcmpl"), model: profile.model, created: Math.floor(clock.now() / 1000), profile, revision },
      ...{
        request: normal,
        body: engineProtocol(profile.engine).body({ request: normal, profile, limits }),
        signal,
      },
      onText: (text: string) => void (heard.written += text),
      onLease(lease: { readonly serverId: string }) {
        heard.serverId = lease.serverId;
        heard.sentAt = clock.monotonic();
      },
    };
    const note = (parts: readonly Part[]): void => {
      for (const part of parts) {
        if (part.type === "usage") Object.assign(usage, part);
        if (part.type !== "block-delta") continue;
        heard.first ??= clock.monotonic();
        heard.last = clock.monotonic();
      }
    };
    const answer = await collectAnswer(runChat(dependencies, run), { onParts: note });
    const since = (time: number | null): number | null => (time === null ? null : time - heard.sentAt);
    return {
      serverId: heard.serverId,
      text: textOfKind(answer, "text"),
      written: heard.written,
      reasoning: textOfKind(answer, "reasoning"),
      toolCalls: answer.blocks.flatMap(({ kind, name, text }) =>
        kind === "tool-call" ? [{ name, arguments: text }] : [],
      ),
      tokens: { input: usage.input, output: usage.output, cached: usage.cached },
      firstTokenMs: since(heard.first),
      lastTokenMs: since(heard.last),
    };
  };
}

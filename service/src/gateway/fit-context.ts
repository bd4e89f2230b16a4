import type { Profile } from "../contract/profiles.ts";
import { contextOverflow } from "./context-overflow.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { contextOf } from "./request.ts";
import type { ModelLimits, NormalRequest } from "./request.ts";
import { mostTokens } from "./tokens/prompt-size.ts";

export interface FittedPrompt {
  readonly profile: Profile;
  readonly revision: string;
  readonly limits: ModelLimits;
  readonly request: NormalRequest;
}

/**
 * The request with an answer no longer than the room behind its prompt. Counted is only what may come near the limit:
 * everything else goes on at once. What cannot be counted is left to the engine.
 * @throws AppError `context_overflow` with `details.promptTokens` and `details.contextTokens`, before anything is loaded.
 */
export async function fitContext(
  { tokens }: Pick<GatewayDependencies, "tokens">,
  { profile, revision, limits, request }: FittedPrompt,
  signal: AbortSignal,
): Promise<NormalRequest> {
  const contextTokens = contextOf(profile, limits);
  if (tokens === undefined || contextTokens === null) return request;
  const wanted = request.isMaxTokensSaid ? request.maxTokens : leastRoom;
  if (mostTokens(request, limits.vocabularySize) + wanted <= contextTokens) return request;
  const promptTokens = await tokens.count({ profile, revision, request }, signal);
  signal.throwIfAborted();
  if (promptTokens === null) return request;
  const room = contextTokens - promptTokens;
  if (room <= 0) throw contextOverflow(promptTokens, contextTokens);
  return { ...request, promptTokens, maxTokens: request.isMaxTokensSaid ? Math.min(request.maxTokens, room) : room };
}

/** An answer of unsaid length gets at least so much. */
const leastRoom = 256;

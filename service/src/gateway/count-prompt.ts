import type { EndpointInput } from "./answer.ts";
import { checkChats } from "./chats.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { checkImages } from "./images.ts";
import type { Intake } from "./intake.ts";
import { limitsOf } from "./limits.ts";
import { normalizeRequest } from "./request.ts";
import { likelyTokens } from "./tokens/prompt-size.ts";

/** Says that a count is a guess: the model is elsewhere, or its template is not understood here. */
export const guessHeader = "x-mlx-manager-token-count";

export interface PromptCount {
  readonly tokens: number;
  /** What the answer's head says besides. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The prompt of a request in the model's own tokens. Loads nothing. @throws AppError as the request itself would. */
export async function countPrompt(
  { models, profiles, tokens }: GatewayDependencies,
  intake: Intake,
  { signal, track }: Pick<EndpointInput, "signal" | "track">,
): Promise<PromptCount> {
  const { profile, revision } = profiles.resolve(intake.model);
  track.resolved(profile);
  checkChats(profile, models);
  const request = normalizeRequest(intake, profile, limitsOf(profile, models));
  checkImages(request, profile, models);
  const counted = (await tokens?.count({ profile, revision, request }, signal)) ?? null;
  signal.throwIfAborted();
  return {
    tokens: counted ?? likelyTokens(request),
    headers: counted === null ? { [guessHeader]: "estimated" } : {},
  };
}

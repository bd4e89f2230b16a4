import type { EndpointInput } from "./answer.ts";
import { checkChats } from "./chats.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { checkImages } from "./images.ts";
import type { Intake } from "./intake.ts";
import { limitsOf } from "./limits.ts";
import { normalizeRequest } from "./request.ts";
import { chooseRoute } from "./routing/choose-route.ts";
import { routeHeaders } from "./routing/route-headers.ts";
import { likelyTokens } from "./tokens/prompt-size.ts";

/** Says that a count is a guess: the model is elsewhere, or its template is not understood here. */
export const guessHeader = "x-mlx-manager-token-count";

export interface PromptCount {
  readonly tokens: number;
  /** What the answer's head says besides. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The prompt of a request in the tokens of who would answer it, but for its length: that is what is asked here. Loads
 * nothing.
 * @throws AppError as the request itself would.
 */
export async function countPrompt(
  dependencies: GatewayDependencies,
  intake: Intake,
  { asker, signal, track }: Pick<EndpointInput, "asker" | "signal" | "track">,
): Promise<PromptCount> {
  const { models, tokens } = dependencies;
  const name = intake.model ? intake.model : null;
  const wish = { name, messages: intake.messages, asker, onTarget: track.resolved };
  const route = await chooseRoute(dependencies, wish, async ({ profile, revision }) => {
    checkChats(profile, models);
    const request = normalizeRequest(intake, profile, limitsOf(profile, models));
    checkImages(request, profile, models);
    const counted = (await tokens?.count({ profile, revision, request }, signal)) ?? null;
    signal.throwIfAborted();
    return { tokens: counted ?? likelyTokens(request), isGuess: counted === null };
  });
  track.understood({ route: route.reason });
  const { tokens: count, isGuess } = route.prepared;
  return {
    tokens: count,
    headers: { ...routeHeaders(route, name), ...(isGuess ? { [guessHeader]: "estimated" } : {}) },
  };
}

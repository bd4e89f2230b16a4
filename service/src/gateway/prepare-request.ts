import type { Target } from "./background.ts";
import { checkChats } from "./chats.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { fitContext } from "./fit-context.ts";
import { checkImages } from "./images.ts";
import type { Intake } from "./intake.ts";
import { limitsOf } from "./limits.ts";
import { normalizeRequest } from "./request.ts";
import type { ModelLimits, NormalRequest } from "./request.ts";
import { checkSounds } from "./sounds.ts";

export interface PreparedRequest extends Target {
  readonly limits: ModelLimits;
  readonly request: NormalRequest;
}

type Dependencies = Pick<GatewayDependencies, "models" | "tokens">;

/**
 * The request as this target would be asked, without its images fetched.
 * @param imageParam the key of the request that holds images.
 * @throws AppError for everything that this target refuses, before anything is loaded.
 */
export async function prepareRequest(
  dependencies: Dependencies,
  intake: Intake,
  { profile, revision }: Target,
  { imageParam, signal }: { readonly imageParam: string; readonly signal: AbortSignal },
): Promise<PreparedRequest> {
  const { models } = dependencies;
  checkChats(profile, models);
  const limits = limitsOf(profile, models);
  const asIs = normalizeRequest(intake, profile, limits);
  checkImages(asIs, profile, models, imageParam);
  checkSounds(asIs, profile, models);
  const request = await fitContext(dependencies, { profile, revision, limits, request: asIs }, signal);
  return { profile, revision, limits, request };
}

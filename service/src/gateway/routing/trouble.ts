import { engineCapabilities } from "../../contract/engine-capabilities.ts";
import type { Profile } from "../../contract/profiles.ts";
import type { RoutingReason } from "../../contract/routing.ts";
import { isAppError } from "../../platform/errors.ts";
import type { AppError } from "../../platform/errors.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import type { NormalMessage } from "../messages.ts";

/** What keeps a model from answering, and the words for it where nobody else answers either. */
export interface Trouble {
  readonly reason: RoutingReason;
  readonly error: AppError;
}

/** The trouble behind a refusal; null for one that another model would give as well. */
export function troubleOf(
  error: unknown,
  messages: readonly NormalMessage[],
  profile: Profile,
  { models }: Pick<GatewayDependencies, "models">,
): Trouble | null {
  if (!isAppError(error)) return null;
  if (error.code === "context_overflow") return { reason: "prompt-too-long", error };
  const hasImages = messages.some((message) => message.role === "user" && message.images.length > 0);
  const sees =
    profile.kind === "remote" ||
    (engineCapabilities[profile.engine].images &&
      models.find(profile.model)?.facts.capabilities.includes("vision") === true);
  return error.code === "unsupported" && hasImages && !sees ? { reason: "image-without-vision", error } : null;
}

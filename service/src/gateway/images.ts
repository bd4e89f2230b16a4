import { engineCapabilities } from "../contract/engine-capabilities.ts";
import type { Profile } from "../contract/profiles.ts";
import { AppError, isAppError } from "../platform/errors.ts";
import { imageUrl } from "./images/fetch-image.ts";
import type { GatewayModel } from "./dependencies.ts";
import type { NormalRequest } from "./request.ts";

/** The most that engines take. */
export const mostImages = 10;

interface Library {
  find(id: string): Pick<GatewayModel, "facts"> | null;
  all(): readonly Pick<GatewayModel, "id" | "complete" | "facts">[];
}

/**
 * Refuses images for a model that does not see: dropping them would answer another question. What a remote service can
 * is its own to say.
 * @throws AppError `invalid_request`, or `unsupported` that names a model that sees, where one is here.
 */
export function checkImages(
  { messages }: Pick<NormalRequest, "messages">,
  profile: Profile,
  models: Library,
  param = "messages",
): void {
  const count = messages.reduce((sum, message) => sum + (message.role === "user" ? message.images.length : 0), 0);
  if (count === 0) return;
  const details = { param };
  if (count > mostImages) {
    throw new AppError("invalid_request", `A request may hold ${mostImages} images, not ${count}.`, { details });
  }
  if (profile.kind === "remote") return;
  const sees = ({ facts }: Pick<GatewayModel, "facts">): boolean => facts.capabilities.includes("vision");
  const model = models.find(profile.model);
  if (engineCapabilities[profile.engine].images && model !== null && sees(model)) return;
  const other = models
    .all()
    .find((candidate) => candidate.complete && sees(candidate) && candidate.id !== profile.model);
  const advice = other === undefined ? "Download a model with vision for images" : `Choose ${other.id} for images`;
  throw new AppError("unsupported", `${profile.model} reads text only. ${advice}.`, { details });
}

/**
 * The address of an image as a client wrote it: a data URI, or one that is fetched later, when everything else is found
 * good.
 * @param param the key that holds it, for the error.
 * @throws AppError `unsupported` for every other scheme and for paths, `invalid_request` for one that holds a login.
 */
export function imageAddress(address: string, param: string): string {
  if (/^data:image\/[\w.+-]+;base64,/i.test(address)) return address;
  try {
    // Written anew: one image has one address.
    return imageUrl(address).href;
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw new AppError(error.code, error.message, { details: { param } });
  }
}

import { engineCapabilities } from "../contract/engine-capabilities.ts";
import type { Profile } from "../contract/profiles.ts";
import { AppError } from "../platform/errors.ts";
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
export function checkImages({ messages }: Pick<NormalRequest, "messages">, profile: Profile, models: Library): void {
  const count = messages.reduce((sum, message) => sum + (message.role === "user" ? message.images.length : 0), 0);
  if (count === 0) return;
  const details = { param: "messages" };
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
  throw new AppError("unsupported", `This model reads text only. ${advice}.`, { details });
}

/**
 * The address of an image as a client wrote it.
 * @param param the key that holds it, for the error.
 * @throws AppError `unsupported` for anything but a data URI: nothing is fetched for a client.
 */
export function imageAddress(address: string, param: string): string {
  if (/^data:image\/[\w.+-]+;base64,/.test(address)) return address;
  const message = "Images must be sent as base64 data URIs; no address is fetched for a request.";
  throw new AppError("unsupported", message, { details: { param } });
}

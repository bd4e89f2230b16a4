import { engineCapabilities } from "../contract/engine-capabilities.ts";
import type { Profile } from "../contract/profiles.ts";
import { AppError } from "../platform/errors.ts";
import type { GatewayModel } from "./dependencies.ts";
import type { NormalRequest } from "./request.ts";

/** More fill the context of any model, and the memory of this machine. */
const mostSounds = 4;

interface Library {
  find(id: string): Pick<GatewayModel, "facts"> | null;
  all(): readonly Pick<GatewayModel, "id" | "complete" | "facts">[];
}

/**
 * Refuses sound for a model or an engine that does not hear. What a remote service can is its own to say.
 * @throws AppError `invalid_request`, or `unsupported` that names a model that hears, where one is here.
 */
export function checkSounds({ messages }: Pick<NormalRequest, "messages">, profile: Profile, models: Library): void {
  const count = messages.reduce(
    (sum, message) => sum + (message.role === "user" ? (message.sounds?.length ?? 0) : 0),
    0,
  );
  if (count === 0) return;
  const details = { param: "messages" };
  if (count > mostSounds) {
    throw new AppError("invalid_request", `A request may hold ${mostSounds} sounds, not ${count}.`, { details });
  }
  if (profile.kind === "remote") return;
  const hears = ({ facts }: Pick<GatewayModel, "facts">): boolean => facts.capabilities.includes("audio");
  const model = models.find(profile.model);
  const canHear = model !== null && hears(model);
  if (canHear && engineCapabilities[profile.engine].sound) return;
  if (canHear) {
    const message = `"input_audio" cannot be honoured: ${profile.engine} takes no sound. Let the profile's engine be mlx-vlm.`;
    throw new AppError("unsupported", message, { details });
  }
  const other = models.all().find((candidate) => candidate.complete && hears(candidate));
  const advice = other === undefined ? "Download a model with audio" : `Choose ${other.id}`;
  const message = `"input_audio" cannot be honoured: ${profile.model} does not hear. ${advice} for sound.`;
  throw new AppError("unsupported", message, { details });
}

import type { Profile, ProfileCreate, ProfileExport } from "../../contract/profiles.ts";
import { AppError } from "../../platform/errors.ts";
import { addressOf } from "./profile-kind.ts";

/** A profile as a file that another machine can read: what was set, no id, no times. */
export function exportOf(profile: Profile): ProfileExport {
  const { id: _id, implicit: _implicit, createdAt: _createdAt, updatedAt: _updatedAt, engineChoice, ...said } = profile;
  // What followed from the model here follows from it there too.
  const engine = engineChoice.by === "profile" ? said.engine : null;
  return { format: "mlx-manager-profile", version: 1, profile: { ...said, engine, remote: addressOf(said.remote) } };
}

/** @throws AppError `invalid_request` when neither the file nor the caller names it. */
export function createOf({ profile }: ProfileExport, slug: string | undefined): ProfileCreate {
  const name = slug ?? profile.slug;
  if (name !== null) return { ...profile, slug: name };
  throw new AppError("invalid_request", "This is a model's own profile and has no short name. Give one with `slug`.");
}

import type { Profile } from "../../../contract/profiles.ts";
import type { ModelLocation } from "./process/engine-command.ts";
import type { PoolDependencies } from "../pool.ts";

/** Where what a profile serves lies. @throws AppError what the library says of a model that is not here. */
export function locationOf(profile: Profile, revision: string, models: PoolDependencies["models"]): ModelLocation {
  if (profile.kind !== "remote") return models.locate(profile.model, revision);
  // Nothing of it is here: it has a name and takes no room.
  const facts = { contextLength: null, vocabularySize: null, architecture: null, capabilities: [] };
  return { model: profile.model, revision, path: "", weightBytes: 0, facts };
}

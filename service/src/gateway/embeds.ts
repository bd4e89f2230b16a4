import type { Profile } from "../contract/profiles.ts";
import { servedTask } from "../library/models/index.ts";
import { AppError } from "../platform/errors.ts";
import type { GatewayModel } from "./dependencies.ts";

interface Library {
  find(id: string): Pick<GatewayModel, "facts"> | null;
  all(): readonly Pick<GatewayModel, "id" | "complete" | "facts">[];
}

/**
 * Refuses embeddings of a model that is served for something else, before anything is loaded for it. What a remote
 * service can is its own to say.
 * @throws AppError `unsupported` that names a model that embeds, where one is here.
 */
export function checkEmbeds(profile: Profile, models: Library): void {
  if (profile.kind === "remote") return;
  const model = models.find(profile.model);
  if (model === null || servedTask(profile.engine, model.facts) === "embeddings") return;
  const other = models
    .all()
    .find(({ complete, facts }) => complete && servedTask("mlx-openai-server", facts) === "embeddings");
  const advice = other === undefined ? "Download a model for embeddings" : `Choose ${other.id} for embeddings`;
  throw new AppError("unsupported", `${profile.model} makes no embeddings. ${advice}.`, {
    details: { param: "model" },
  });
}

import type { Profile } from "../contract/profiles.ts";
import { servedTask } from "../library/models/index.ts";
import { AppError } from "../platform/errors.ts";
import type { GatewayModel } from "./dependencies.ts";

interface Library {
  find(id: string): Pick<GatewayModel, "facts"> | null;
}

const makes = { embeddings: "makes embeddings", transcription: "writes down what it hears" };

/**
 * Refuses a chat with a model that is served for something else, before anything is loaded for it.
 * @throws AppError `unsupported`
 */
export function checkChats(profile: Profile, models: Library): void {
  const model = profile.kind === "remote" ? null : models.find(profile.model);
  if (model === null) return;
  const task = servedTask(profile.engine, model.facts);
  if (task === "chat") return;
  const message = `${profile.model} ${makes[task]} and does not chat. Name a model that does.`;
  throw new AppError("unsupported", message, { details: { param: "model" } });
}

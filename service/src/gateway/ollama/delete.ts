import { AppError } from "../../platform/errors.ts";
import type { OllamaDependencies } from "./dependencies.ts";

/**
 * `DELETE /api/delete`: a model's files. Only by the model's own name: what a profile or an alias stands for is more
 * than that name.
 * @throws AppError `model_not_found`, `model_in_use`, `conflict`
 */
export async function deleteModel(
  { models, profiles }: Pick<OllamaDependencies, "models" | "profiles">,
  name: string | null,
): Promise<Record<string, never>> {
  if (name === null || name === "") throw new AppError("invalid_request", 'Name the model in "model".');
  const { profile } = profiles.resolve(name);
  if (profile.model !== name.replace(/:latest$/, "").normalize("NFC")) {
    const message = `${name.slice(0, 200)} stands for ${profile.model}. Name that model to delete its files.`;
    throw new AppError("conflict", message);
  }
  await models.remove(profile.model);
  return {};
}

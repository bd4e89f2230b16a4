import { ModelId } from "../../contract/common.ts";

/** Our id of a Hub repository: repositories without an owner (`gpt2`) are `_/gpt2`. Null for what is no id of ours. */
export function modelIdOf(repository: string): string | null {
  const id = repository.includes("/") ? repository : `_/${repository}`;
  return ModelId.safeParse(id).success ? id : null;
}

/** The repository's name on the Hub. */
export function repositoryOf(model: string): string {
  return model.startsWith("_/") ? model.slice(2) : model;
}

/** Owners that shadow the Hub and are never asked for there. */
export function isReserved(model: string): boolean {
  return /^(mlx-manager|local|anthropic)\//.test(model);
}

import { join } from "node:path";
import { isReserved, modelIdOf, repositoryOf } from "../../hub/index.ts";
import type { RepositoryPlace } from "./scanned-model.ts";
import { namesIn } from "./snapshot-files.ts";

const prefix = "models--";

/** Our id of a folder in the Hub cache, by its name `models--owner--name`; null for anything else. */
export function idOfFolder(folder: string): string | null {
  if (!folder.startsWith(prefix)) return null;
  const id = modelIdOf(folder.slice(prefix.length).replace("--", "/"));
  return id === null || isReserved(id) ? null : id;
}

/** The repositories of models in the Hub cache; none where there is no cache. */
export async function listRepositories(cachePath: string): Promise<RepositoryPlace[]> {
  return (await namesIn(cachePath)).flatMap((name) => {
    const id = idOfFolder(name);
    return id === null ? [] : [{ id, location: join(cachePath, name) }];
  });
}

/** Name of a model's folder in the Hub cache. */
export function folderOfId(id: string): string {
  return prefix + repositoryOf(id).replace("/", "--");
}

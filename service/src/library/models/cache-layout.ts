import { isReserved, modelIdOf, repositoryOf } from "../hub/index.ts";

const prefix = "models--";

/** Our id of a folder in the Hub cache, by its name `models--owner--name`; null for anything else. */
export function idOfFolder(folder: string): string | null {
  if (!folder.startsWith(prefix)) return null;
  const id = modelIdOf(folder.slice(prefix.length).replace("--", "/"));
  return id === null || isReserved(id) ? null : id;
}

export function isCommit(name: string): boolean {
  return /^[0-9a-f]{40}$/.test(name);
}

/** Name of a model's folder in the Hub cache. */
export function folderOfId(id: string): string {
  return prefix + repositoryOf(id).replace("/", "--");
}

import { readFile, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";

import type { FileSet, RepoDefinition } from "./repo-definition.ts";

/** Extra facts of a folder's repository (tags, downloads, …); never served as a file. */
const factsFile = ".fake-hub.json";

/** One repository from a folder: files stay on disk, facts come from `config.json` and `.fake-hub.json`. */
export async function repoFromFolder(id: string, folder: string, facts: Partial<RepoDefinition> = {}) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: FileSet = {};
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isDirectory() && entry.name !== factsFile) files[relative(folder, path).split(sep).join("/")] = { path };
  }
  const config = await readJson(join(folder, "config.json"));
  const stated = await readJson(join(folder, factsFile));
  const definition: RepoDefinition = {
    id,
    tags: ["mlx", "conversational"],
    pipelineTag: "text-generation",
    config,
    ...stated,
    ...facts,
    files,
  };
  return definition;
}

/** Every `owner/name` folder below a directory. */
export async function reposFromFolder(directory: string): Promise<RepoDefinition[]> {
  const repos: RepoDefinition[] = [];
  for (const owner of await subfolders(directory)) {
    for (const name of await subfolders(join(directory, owner))) {
      repos.push(await repoFromFolder(`${owner}/${name}`, join(directory, owner, name)));
    }
  }
  return repos;
}

async function subfolders(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${path} cannot be read as JSON`, { cause: error });
  }
}

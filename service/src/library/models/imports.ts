import { access, constants, lstat, realpath } from "node:fs/promises";
import { basename, isAbsolute, join, relative, sep } from "node:path";
import type { ImportableModel } from "../../contract/library.ts";
import { ModelId } from "../../contract/common.ts";
import { AppError } from "../../platform/errors.ts";
import { scanPlainFolder } from "./cache/folder-scan.ts";
import { isFolderSource } from "./cache/scanned-model.ts";
import type { FolderSource } from "./cache/scanned-model.ts";
import { isAbsent } from "./json-file.ts";
import type { LibraryState } from "./library-state.ts";
import type { LocalModel } from "./local-model.ts";
import { isWeightFile } from "./facts/read-facts.ts";
import { listSnapshot, namesIn, statOrNull } from "./cache/snapshot-files.ts";

/** Models that lie in folders of other programs: used where they are, never copied, never deleted. */
export interface Imports {
  /** Models in the usual folders, or in one that a person names: itself, its folders and theirs. */
  importable(folder?: string): Promise<ImportableModel[]>;
  /** @throws AppError `invalid_request` that says what is wrong with the folder, `conflict` for a name or folder twice. */
  add(path: string, as: { readonly name?: string | undefined; readonly source?: FolderSource }): Promise<LocalModel>;
}

export interface ImportsOptions {
  readonly cachePath: string;
  /** Where other programs keep plain folders of models, such as LM Studio. */
  readonly folders: readonly string[];
  readonly state: LibraryState;
}

/** `owner/name` below the folder. */
const depth = 2;

export function createImports({ cachePath, folders, state }: ImportsOptions): Imports {
  const importedAs = (path: string): string | null =>
    state.catalog.all().find(({ source, location }) => isFolderSource(source) && location === path)?.id ?? null;

  return {
    async importable(folder) {
      const found: ImportableModel[] = [];
      for (const root of folder === undefined ? folders : [await checkedFolder(folder)]) {
        for (const path of await modelsBelow(root, depth)) {
          const real = await realpath(path);
          if (found.some((one) => one.path === real) || isInside(cachePath, real)) continue;
          const files = await listSnapshot(real);
          const sizeBytes = files.reduce((total, file) => total + file.sizeBytes, 0);
          found.push({ path: real, name: nameFor(real), sizeBytes, imported: importedAs(real) });
        }
      }
      return found.sort((one, other) => (one.path < other.path ? -1 : 1));
    },
    async add(path, { name, source = "folder" }) {
      const real = await checkedFolder(path);
      const id = `local/${name ?? nameFor(real)}`;
      if (!ModelId.safeParse(id).success)
        throw wrong(`${name ?? basename(real)} is no name for a model. Give another.`);
      if (isInside(await realOf(cachePath), real))
        throw wrong("This folder belongs to the Hub cache. What lies there is in the library already.");
      const known = importedAs(real);
      if (known !== null) throw new AppError("conflict", `This folder is in the library already, as ${known}.`);
      if (state.catalog.get(id) !== null)
        throw new AppError("conflict", `There is a model ${id} already. Give this one another name.`);
      await refuseOther(real);
      const scanned = await scanPlainFolder(id, real, source);
      if (scanned.problem !== null) throw wrong(scanned.problem);
      state.accept(scanned, null);
      return state.catalog.get(id) as LocalModel;
    },
  };
}

/** The folder by its real path. Links are refused: what they lead to may change behind our back. */
async function checkedFolder(path: string): Promise<string> {
  if (!isAbsolute(path)) throw wrong("Give the whole path of the folder, from the root.");
  try {
    if (!(await lstat(path)).isDirectory())
      throw wrong("This is not a folder. Give the folder that holds config.json.");
    await access(path, constants.R_OK | constants.X_OK);
    return await realpath(path);
  } catch (error) {
    if (isAbsent(error)) throw wrong("There is no such folder. Check the path.");
    if ((error as NodeJS.ErrnoException).code === "EACCES")
      throw wrong("This folder cannot be read. Allow it for your account, then try again.");
    throw error;
  }
}

/** Says what the folder lacks to be a model that runs here. */
async function refuseOther(path: string): Promise<void> {
  const names = await namesIn(path);
  if (!names.includes("config.json")) throw wrong("There is no config.json in this folder, so it is not a model.");
  if (names.some(isWeightFile)) return;
  const isGguf = names.some((name) => name.endsWith(".gguf"));
  throw wrong(
    isGguf
      ? "This is a GGUF model, which MLX does not run. Search the Hub for its MLX version."
      : "There are no .safetensors files in this folder, so it is not a model that MLX runs.",
  );
}

async function modelsBelow(folder: string, levels: number): Promise<string[]> {
  const names = await readable(folder);
  if (names.includes("config.json") && names.some(isWeightFile)) return [folder];
  if (levels === 0) return [];
  const found: string[] = [];
  for (const name of names.filter((one) => !one.startsWith("."))) {
    const path = join(folder, name);
    if ((await statOrNull(path))?.isDirectory()) found.push(...(await modelsBelow(path, levels - 1)));
  }
  return found;
}

/** A folder that is closed to us has nothing to offer. */
async function readable(folder: string): Promise<string[]> {
  try {
    return await namesIn(folder);
  } catch (error) {
    if (["EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}

async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isAbsent(error)) return path;
    throw error;
  }
}

function isInside(folder: string, path: string): boolean {
  const below = relative(folder, path);
  return below === "" || (!isAbsolute(below) && below.split(sep)[0] !== "..");
}

/** The folder's own name as far as it may be one of ours. */
function nameFor(path: string): string {
  const name = basename(path)
    .normalize("NFC")
    .replace(/[^A-Za-z0-9_.-]+/g, "-")
    .replace(/-{2,}/g, "-")
    .replace(/\.{2,}/g, ".")
    .replace(/^[^A-Za-z0-9_]+/, "")
    .slice(0, 96);
  return name === "" ? "model" : name;
}

function wrong(message: string): AppError {
  return new AppError("invalid_request", message);
}

import { existsSync, readFileSync, statSync } from "node:fs";
import { lstat, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

/** Written last into an environment: with it the folder is whole, without it the folder is rubbish. */
const Complete = z.object({
  engine: z.string(),
  version: z.string(),
  lockHash: z.string(),
  pythonVersion: z.string(),
  sizeBytes: z.int().nonnegative(),
  installedAt: z.iso.datetime(),
});
export type Complete = z.infer<typeof Complete>;

const completeFile = "complete.json";

export function environmentPath(enginesPath: string, engine: string, lockHash: string): string {
  return join(enginesPath, engine, lockHash);
}

export function pythonOf(folder: string): string {
  return join(folder, "bin", "python");
}

/** What the folder says of itself, or null when it is not whole or not this environment. */
export function readComplete(folder: string, engine: string, lockHash: string): Complete | null {
  const path = join(folder, completeFile);
  // The link leads to the Python it was made with: an upgrade of that may have taken it away.
  if (!existsSync(path) || !existsSync(pythonOf(folder))) return null;
  try {
    const complete = Complete.parse(JSON.parse(readFileSync(path, "utf8")));
    return complete.engine === engine && complete.lockHash === lockHash ? complete : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** `readComplete` that reads a file again only when it has changed: every request asks. */
export function createCompleteReader(): typeof readComplete {
  const seen = new Map<string, { readonly stamp: string; readonly complete: Complete | null }>();
  return (folder, engine, lockHash) => {
    const { mtimeMs = 0, ino = 0, size = 0 } = statSync(join(folder, completeFile), { throwIfNoEntry: false }) ?? {};
    const stamp = `${mtimeMs} ${ino} ${size} ${existsSync(pythonOf(folder))}`;
    const key = `${folder} ${engine} ${lockHash}`;
    const known = seen.get(key);
    if (known?.stamp === stamp) return known.complete;
    const complete = readComplete(folder, engine, lockHash);
    seen.set(key, { stamp, complete });
    return complete;
  };
}

export async function writeComplete(folder: string, complete: Complete): Promise<void> {
  await writeFile(join(folder, completeFile), `${JSON.stringify(complete, null, 2)}\n`);
}

export async function removeEnvironment(folder: string): Promise<void> {
  // First the mark: a removal that is cut short must not leave a folder that looks whole.
  await rm(join(folder, completeFile), { force: true });
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Lock hashes of all folders of an engine, whole or not. */
export async function environmentHashes(enginesPath: string, engine: string): Promise<string[]> {
  const path = join(enginesPath, engine);
  if (!existsSync(path)) return [];
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && /^[0-9a-f]{16}$/.test(entry.name)).map(({ name }) => name);
}

/** Bytes of the files in a folder, links not followed. */
export async function folderSize(folder: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) total += (await lstat(join(entry.parentPath, entry.name))).size;
  }
  return total;
}

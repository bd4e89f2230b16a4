import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

/** Written last into an environment: with it the folder is whole, without it the folder is rubbish. */
const Complete = z.object({
  engine: z.string(),
  version: z.string(),
  lockHash: z.string(),
  pythonVersion: z.string(),
  sizeBytes: z.int(),
  installedAt: z.string(),
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
  if (!existsSync(path) || !existsSync(pythonOf(folder))) return null;
  try {
    const complete = Complete.parse(JSON.parse(readFileSync(path, "utf8")));
    return complete.engine === engine && complete.lockHash === lockHash ? complete : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

export function writeComplete(folder: string, complete: Complete): void {
  writeFileSync(join(folder, completeFile), `${JSON.stringify(complete, null, 2)}\n`);
}

export function removeEnvironment(folder: string): void {
  // First the mark: a removal that is cut short must not leave a folder that looks whole.
  rmSync(join(folder, completeFile), { force: true });
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Bytes on disk of a folder, links not followed. */
export function folderSize(folder: string): number {
  let total = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) total += statSync(join(entry.parentPath, entry.name)).size;
  }
  return total;
}

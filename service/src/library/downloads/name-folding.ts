import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkTreePaths, isSafePath } from "../hub/index.ts";
import type { NameFolding } from "../hub/index.ts";

const everything: NameFolding = { byCase: true, byUnicodeForm: true };

/**
 * Refuses names of which this disk would keep one only. Most repositories have none that could meet anywhere: then the
 * disk is not asked.
 * @throws AppError `unsupported`
 */
export async function checkNames(paths: readonly string[], folder: string): Promise<void> {
  if (!couldMeet(paths)) return;
  checkTreePaths(paths, await foldingOf(folder));
}

function couldMeet(paths: readonly string[]): boolean {
  try {
    checkTreePaths(paths.filter(isSafePath), everything);
    return false;
  } catch {
    return true; // Which ones, and whether here, is said by the check that follows.
  }
}

/** Asks the disk itself: the kind of file system does not tell, as both are options of it. */
async function foldingOf(folder: string): Promise<NameFolding> {
  await mkdir(folder, { recursive: true });
  const probe = await mkdtemp(join(folder, ".mlx-manager-names-"));
  try {
    for (const name of ["a", "A", "\u00e9", "e\u0301"]) await writeFile(join(probe, name), "");
    const names = await readdir(probe);
    const isOne = (one: string, other: string) => !(names.includes(one) && names.includes(other));
    return { byCase: isOne("a", "A"), byUnicodeForm: isOne("\u00e9", "e\u0301") };
  } finally {
    await rm(probe, { recursive: true, force: true });
  }
}

import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RepositoryLayout } from "../../layout.ts";
import { isMissing, replaceFile, syncFolder } from "./files.ts";

export interface RefChange {
  readonly layout: RepositoryLayout;
  readonly downloadId: string;
  readonly revision: string;
  readonly commit: string;
  readonly movesRef: boolean;
}

/**
 * Points the revision's name at the commit: 40 hex digits without a newline, since readers do not trim. The temp file
 * lies outside `refs/`, where a scan would take it for a ref and give up the whole repository. A commit has no ref.
 */
export async function writeRef({ layout, downloadId, revision, commit, movesRef }: RefChange): Promise<void> {
  if (/^[0-9a-f]{40}$/.test(revision)) return;
  if (revision.split("/").some((part) => part === "" || part === "." || part === "..")) {
    throw new Error("Not a revision that may become a file name.");
  }
  const path = join(layout.refs, ...revision.split("/"));
  const present = await readRef(path);
  if (present === commit) return;
  // A download of a few files must not hide the complete revision that the name points to.
  if (present !== null && !movesRef) return;
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, layout.aside(downloadId, "ref"), commit);
  await syncFolder(dirname(path));
}

/** Takes back a name that points at this commit, which is not here after all. */
export async function removeRef({
  layout,
  revision,
  commit,
}: Pick<RefChange, "layout" | "revision" | "commit">): Promise<void> {
  const path = join(layout.refs, ...revision.split("/"));
  if ((await readRef(path)) === commit) await rm(path, { force: true });
}

async function readRef(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

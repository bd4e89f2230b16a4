import type { MirrorEntry } from "../../contract/mirror.ts";
import { folderOids } from "./git-objects.ts";
import type { SharedFile } from "./shared-files.ts";
import type { SharedRevision } from "./shared-library.ts";

export interface TreeQuestion {
  readonly path: string;
  readonly recursive: boolean;
  readonly expand: boolean;
}

/** Folders, then files, each by path; null when there is no such folder. */
export function treeEntries(revision: SharedRevision, { path, recursive, expand }: TreeQuestion): MirrorEntry[] | null {
  const folders = folderOids(revision.files);
  if (!folders.has(path)) return null;
  const prefix = path === "" ? "" : `${path}/`;
  const isListed = (name: string) =>
    name !== "" && name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes("/"));
  return [
    ...[...folders]
      .filter(([name]) => isListed(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, oid]) => folderEntry(revision, name, oid, expand)),
    ...revision.files.filter((file) => isListed(file.path)).map((file) => fileEntry(revision, file, expand)),
  ];
}

/** Entries by name; unknown names are left out, as the Hub does. */
export function namedEntries(revision: SharedRevision, paths: readonly string[], expand: boolean): MirrorEntry[] {
  const folders = folderOids(revision.files);
  return paths.flatMap((given) => {
    const path = given.replace(/\/$/, "");
    const file = revision.file(path);
    if (file !== null) return [fileEntry(revision, file, expand)];
    const oid = path === "" ? undefined : folders.get(path);
    return oid === undefined ? [] : [folderEntry(revision, path, oid, expand)];
  });
}

function fileEntry(revision: SharedRevision, file: SharedFile, expand: boolean): MirrorEntry {
  const { path, sizeBytes, blobId, gitOid, pointerBytes } = file;
  return {
    ...{ type: "file", oid: gitOid, size: sizeBytes },
    ...(pointerBytes === null ? {} : { lfs: { oid: blobId, size: sizeBytes, pointerSize: pointerBytes } }),
    path,
    ...(expand ? lastCommit(revision) : {}),
  };
}

function folderEntry(revision: SharedRevision, path: string, oid: string, expand: boolean): MirrorEntry {
  return { type: "directory", oid, size: 0, path, ...(expand ? lastCommit(revision) : {}) };
}

/** The cache keeps no history: the one commit there is stands for it. */
function lastCommit({ commit, modifiedAt }: SharedRevision) {
  return { lastCommit: { id: commit, title: "", date: modifiedAt } };
}

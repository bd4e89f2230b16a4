import { createHash } from "node:crypto";

import { byteSource, digest } from "./byte-source.ts";
import type { ByteSource } from "./byte-source.ts";
import { blobOid, blobPrefix, commitOid, lfsPointer, treeOids } from "./git-objects.ts";
import type { FileContent, FileSet, RepoDefinition, RepoUpdate } from "./repo-definition.ts";

/** One stored file. `oid` is the git blob (of the pointer, for LFS files). */
export interface StoredFile {
  path: string;
  size: number;
  oid: string;
  lfs?: { oid: string; size: number; pointerSize: number };
  xetHash?: string;
  source: ByteSource;
}

export interface Commit {
  sha: string;
  parent: Commit | undefined;
  message: string;
  date: string;
  files: Map<string, StoredFile>;
  /** Folder path → tree oid; the root is "". */
  folders: Map<string, string>;
}

/** A repository and its history. Owned by the hub that holds it; only `commitFiles` changes it. */
export interface Repository {
  definition: RepoDefinition;
  refs: Map<string, Commit>;
  commits: Map<string, Commit>;
}

export async function createRepository(definition: RepoDefinition): Promise<Repository> {
  const repository: Repository = { definition, refs: new Map(), commits: new Map() };
  await commitFiles(repository, { files: definition.files, message: "initial commit" });
  for (const [branch, files] of Object.entries(definition.branches ?? {})) {
    const remove = Object.keys(definition.files).filter((path) => !(path in files));
    await commitFiles(repository, { branch, files, remove, message: `start ${branch}` });
  }
  return repository;
}

export async function commitFiles(repository: Repository, update: RepoUpdate): Promise<Commit> {
  const branch = update.branch ?? "main";
  const parent = repository.refs.get(branch) ?? repository.refs.get("main");
  const files = new Map(parent?.files);
  for (const path of update.remove ?? []) files.delete(path);
  for (const file of await storeFiles(repository.definition, update.files ?? {})) files.set(file.path, file);
  const folders = treeOids(new Map([...files.values()].map((file) => [file.path, file.oid])));
  const date = update.lastModified ?? nextDate(repository.definition, parent);
  const message = update.message ?? "update";
  const sha = commitOid({ tree: folders.get("")!, parent: parent?.sha, date, message });
  const commit: Commit = { sha, parent, message, date, files, folders };
  repository.commits.set(sha, commit);
  repository.refs.set(branch, commit);
  return commit;
}

/** A ref name, a full commit sha or a prefix of at least 7 digits. */
export function findCommit(repository: Repository, revision: string): Commit | undefined {
  const name = revision === "HEAD" ? "main" : revision;
  const exact = repository.refs.get(name) ?? repository.commits.get(name);
  if (exact || !/^[0-9a-f]{7,39}$/.test(name)) return exact;
  return [...repository.commits.values()].find((commit) => commit.sha.startsWith(name));
}

async function storeFiles(definition: RepoDefinition, files: FileSet): Promise<StoredFile[]> {
  const stored: StoredFile[] = [];
  for (const [path, content] of Object.entries(files)) stored.push(await storeFile(definition, path, content));
  return stored;
}

async function storeFile(definition: RepoDefinition, path: string, content: FileContent): Promise<StoredFile> {
  const source = await byteSource(content);
  const { size } = source;
  if (!(definition.lfs ?? isLfsByDefault)(path, size)) {
    return { path, size, oid: await digest(source, "sha1", blobPrefix(size)), source };
  }
  const known = typeof content === "object" && "seed" in content ? content.sha256 : undefined;
  const sha256 = known ?? (await digest(source, "sha256"));
  const pointer = lfsPointer(sha256, size);
  const file: StoredFile = { path, size, oid: blobOid(pointer), source };
  file.lfs = { oid: sha256, size, pointerSize: pointer.length };
  file.xetHash = xetHash(definition, path, sha256);
  return file;
}

function isLfsByDefault(path: string, size: number): boolean {
  return size >= 10 * 1024 * 1024 || path.endsWith(".safetensors") || path.split("/").pop() === "tokenizer.json";
}

function xetHash({ xetHash }: RepoDefinition, path: string, sha256: string): string | undefined {
  if (typeof xetHash === "function") return xetHash(path);
  return xetHash ? createHash("sha256").update(`xet ${sha256}`).digest("hex") : undefined;
}

/** Commits of one history are a minute apart, so that shas stay the same from run to run. */
function nextDate(definition: RepoDefinition, parent: Commit | undefined): string {
  if (!parent) return definition.lastModified ?? "2026-01-15T10:00:00.000Z";
  return new Date(Date.parse(parent.date) + 60_000).toISOString();
}

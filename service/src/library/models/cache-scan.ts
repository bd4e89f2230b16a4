import { readFile, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { isCommit } from "./cache-layout.ts";
import { isComplete } from "./completeness.ts";
import { isAbsent, readJsonObject } from "./json-file.ts";
import type { ModelFacts } from "./local-model.ts";
import { isWeightFile, readFacts } from "./read-facts.ts";
import { readSafetensorsHeader } from "./safetensors-header.ts";
import { listSnapshot, namesIn, statOrNull } from "./snapshot-files.ts";
import type { SnapshotFile } from "./snapshot-files.ts";

export interface ScannedRevision {
  readonly revision: string;
  readonly refs: string[];
  readonly sizeBytes: number;
  readonly weightBytes: number;
  readonly complete: boolean;
  readonly path: string;
  readonly facts: ModelFacts;
  readonly modifiedMs: number;
}

export interface ScannedModel {
  readonly id: string;
  readonly location: string;
  readonly sizeBytes: number;
  readonly revisions: ScannedRevision[];
}

/** Facts kept from an earlier scan: a commit's files never change. */
export type KnownFacts = (id: string, revision: string) => ModelFacts | null;

/**
 * Reads one folder of the Hub cache in any layout other programs leave: links, copies, blobs of the shared store,
 * downloads that were given up. @returns null when there is no model in it.
 */
export async function scanRepository(id: string, location: string, known: KnownFacts): Promise<ScannedModel | null> {
  const refs = await readRefs(join(location, "refs"));
  const revisions: ScannedRevision[] = [];
  const bytes = new Map<string, number>();
  for (const commit of (await namesIn(join(location, "snapshots"))).filter(isCommit)) {
    const path = join(location, "snapshots", commit);
    if (!(await statOrNull(path))?.isDirectory()) continue;
    const files = await listSnapshot(path);
    for (const { bytesKey, sizeBytes } of files) bytes.set(bytesKey, sizeBytes);
    if (files.length === 0 || isForeignFormat(files)) continue;
    const names = refs.filter(([, sha]) => sha === commit).map(([name]) => name);
    revisions.push(await scanRevision(id, location, { commit, path, files, refs: names, known }));
  }
  const parts = await unfinishedBytes(join(location, "blobs"));
  if (revisions.length === 0 && (parts === 0 || bytes.size > 0)) return null;
  const sizeBytes = parts + sum([...bytes.values()]);
  return { id, location, sizeBytes, revisions: revisions.sort(mainThenNewest) };
}

interface RevisionSource {
  readonly commit: string;
  readonly path: string;
  readonly files: readonly SnapshotFile[];
  readonly refs: string[];
  readonly known: KnownFacts;
}

async function scanRevision(id: string, location: string, source: RevisionSource): Promise<ScannedRevision> {
  const { commit, path, files, refs, known } = source;
  const kept = known(id, commit);
  const evidence = {
    files,
    tree: await readJsonObject(join(location, "trees", `${commit}.json`)),
    index: await readJsonObject(join(path, "model.safetensors.index.json")),
    // Opening every file of weights costs; once it was whole its length cannot have changed under its checksum's name.
    cutWeights: kept === null ? await cutWeights(path, files) : [],
  };
  const complete = isComplete(evidence);
  return {
    ...{ revision: commit, refs, path, complete },
    sizeBytes: sum([...new Map(files.map(({ bytesKey, sizeBytes }) => [bytesKey, sizeBytes])).values()]),
    weightBytes: weightBytesOf(files),
    facts: kept ?? (await readFacts(id, path, files)),
    modifiedMs: Math.max(...files.map(({ modifiedMs }) => modifiedMs)),
  };
}

export function weightBytesOf(files: readonly { path: string; sizeBytes: number }[]): number {
  return sum(files.filter(({ path }) => isWeightFile(path)).map(({ sizeBytes }) => sizeBytes));
}

/** Weights for other programs and none for us: not a model that could ever run here. */
function isForeignFormat(files: readonly SnapshotFile[]): boolean {
  const has = (pattern: RegExp) => files.some(({ path }) => pattern.test(path));
  if (has(/\.safetensors$/)) return false;
  return !has(/^config\.json$/) || has(/\.(gguf|bin|pt|pth|onnx|h5|msgpack|ckpt|tflite|npz)$/);
}

async function cutWeights(folder: string, files: readonly SnapshotFile[]): Promise<string[]> {
  const cut: string[] = [];
  for (const { path, sizeBytes } of files.filter((file) => isWeightFile(file.path))) {
    const header = await readSafetensorsHeader(join(folder, path));
    if (header === null || header.sizeBytes !== sizeBytes) cut.push(path);
  }
  return cut;
}

/** Every ref by its name, also nested ones such as `refs/pr/1`. Line ends are forgiven, other content is not a ref. */
async function readRefs(folder: string, below = ""): Promise<[name: string, sha: string][]> {
  const refs: [string, string][] = [];
  try {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const name = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) refs.push(...(await readRefs(folder, name)));
      else if (entry.isFile()) refs.push([name, (await readFile(join(folder, name), "utf8")).trim()]);
    }
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  return refs.filter(([, sha]) => isCommit(sha));
}

/** What other programs left of downloads that did not end. Our own parts lie elsewhere and belong to their download. */
async function unfinishedBytes(blobs: string): Promise<number> {
  let total = 0;
  for (const name of await namesIn(blobs)) {
    if (basename(name).endsWith(".incomplete")) total += (await statOrNull(join(blobs, name)))?.size ?? 0;
  }
  return total;
}

function mainThenNewest(a: ScannedRevision, b: ScannedRevision): number {
  const rank = (revision: ScannedRevision) => (revision.refs.includes("main") ? 1 : 0);
  return rank(b) - rank(a) || b.modifiedMs - a.modifiedMs;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

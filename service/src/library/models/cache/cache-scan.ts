import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { missingOf } from "./completeness.ts";
import { isAbsent, readJsonObject } from "../json-file.ts";
import { isWeightFile, readFacts } from "../facts/read-facts.ts";
import { isCommit } from "../revisions.ts";
import { readSafetensorsHeader } from "../facts/safetensors-header.ts";
import type { ScannedModel, ScannedRevision } from "./scanned-model.ts";
import type { SharedStore } from "./shared-store.ts";
import { namesIn, readSnapshot, statOrNull } from "./snapshot-files.ts";
import type { SnapshotFile } from "./snapshot-files.ts";

/** Writers put blobs in place first and the snapshot at once after. */
const workingMs = 60_000;

/**
 * Reads one folder of the Hub cache in any layout other programs leave: links, copies, blobs of the shared store,
 * downloads that were given up. @returns null when there is no model in it.
 */
export async function scanRepository(id: string, location: string, store: SharedStore): Promise<ScannedModel | null> {
  const refs = await readRefs(join(location, "refs"));
  const sources: RevisionSource[] = [];
  for (const commit of (await namesIn(join(location, "snapshots"))).filter(isCommit)) {
    const path = join(location, "snapshots", commit);
    if (!(await statOrNull(path))?.isDirectory()) continue;
    const names = refs.filter(([, sha]) => sha === commit).map(([name]) => name);
    sources.push({ commit, path, files: readSnapshot(path), refs: names });
  }
  const bytes = new Map(sources.flatMap(({ files }) => files.map((file) => [file.bytesKey, file.sizeBytes])));
  const revisions: ScannedRevision[] = [];
  for (const source of sources) {
    if (source.files.length === 0 || isForeignFormat(source.files)) continue;
    const exclusiveBytes = await exclusiveBytesOf(location, source, sources, store);
    revisions.push({ ...(await scanRevision(id, location, source)), exclusiveBytes });
  }
  const parts = await foreignPartsIn(join(location, "blobs"));
  const foreignBytes = sum(parts.map(({ sizeBytes }) => sizeBytes));
  // A deletion that dies between a snapshot's last link and its folder leaves an empty one.
  const isBare = sources.every(({ files }) => files.length === 0) && foreignBytes === 0;
  const remains = isBare ? await remainingBytes(join(location, "blobs")) : 0;
  if (revisions.length === 0 && remains === 0 && (foreignBytes === 0 || bytes.size > 0)) return null;
  return {
    ...{ id, source: "hub-cache", location, foreignBytes },
    problem: remains === 0 ? null : "This is what a deletion that was cut short left. Delete it again.",
    sizeBytes: remains + foreignBytes + sum([...bytes.values()]),
    revisions: revisions.sort(mainThenNewest),
    foreignParts: parts.map(({ name }) => name),
  };
}

interface RevisionSource {
  readonly commit: string;
  readonly path: string;
  readonly files: readonly SnapshotFile[];
  readonly refs: string[];
}

async function scanRevision(
  id: string,
  location: string,
  { commit, path, files, refs }: RevisionSource,
): Promise<Omit<ScannedRevision, "exclusiveBytes">> {
  const missing = missingOf({
    files,
    tree: await readJsonObject(treeFile(location, commit)),
    index: await readJsonObject(join(path, "model.safetensors.index.json")),
    cutWeights: await cutWeights(path, files),
  });
  return {
    ...{ revision: commit, refs, path, complete: missing === null, missing },
    sizeBytes: sum([...new Map(files.map(({ bytesKey, sizeBytes }) => [bytesKey, sizeBytes])).values()]),
    weightBytes: weightBytesOf(files),
    facts: await readFacts(id, path, files),
    modifiedMs: Math.max(...files.map(({ modifiedMs }) => modifiedMs)),
  };
}

/** What deleting this revision alone frees: `removeRevision` counts the same files. */
async function exclusiveBytesOf(
  location: string,
  revision: RevisionSource,
  all: readonly RevisionSource[],
  store: SharedStore,
): Promise<number> {
  const isShared = await store.exists();
  const elsewhere = new Set(all.flatMap((one) => (one === revision ? [] : one.files.map((file) => file.bytesKey))));
  const own = new Map<string, number>();
  for (const { bytesKey, blobId, sizeBytes } of revision.files) {
    if (elsewhere.has(bytesKey) || own.has(bytesKey)) continue;
    const payload = blobId === null || !isShared ? null : await store.payloadOf(join(location, "blobs", blobId));
    if (payload === null || (await store.isUnused(payload, location))) own.set(bytesKey, sizeBytes);
  }
  const tree = (await statOrNull(treeFile(location, revision.commit)))?.size ?? 0;
  return sum([...own.values()]) + tree + revision.refs.length * revision.commit.length;
}

function treeFile(location: string, commit: string): string {
  return join(location, "trees", `${commit}.json`);
}

export function weightBytesOf(files: readonly { path: string; sizeBytes: number }[]): number {
  return sum(files.filter(({ path }) => isWeightFile(path)).map(({ sizeBytes }) => sizeBytes));
}

/** Weights for other programs and none for us: not a model that could ever run here. */
function isForeignFormat(files: readonly SnapshotFile[]): boolean {
  const has = (pattern: RegExp) => files.some(({ path }) => pattern.test(path));
  return !has(/\.safetensors$/) && has(/\.(gguf|bin|pt|pth|onnx|h5|msgpack|ckpt|tflite|npz)$/);
}

/** Blobs that no snapshot links to, unless somebody may be about to make one. */
async function remainingBytes(blobs: string): Promise<number> {
  const folder = await statOrNull(blobs);
  if (folder === null || Date.now() - folder.mtimeMs < workingMs) return 0;
  const facts = await Promise.all((await namesIn(blobs)).map((name) => statOrNull(join(blobs, name))));
  return sum(facts.map((one) => one?.size ?? 0));
}

async function cutWeights(folder: string, files: readonly SnapshotFile[]): Promise<Map<string, number | null>> {
  const cut = new Map<string, number | null>();
  for (const { path, sizeBytes } of files.filter((file) => isWeightFile(file.path))) {
    const header = await readSafetensorsHeader(join(folder, path));
    if (header === null) cut.set(path, null);
    else if (header.sizeBytes !== sizeBytes) cut.set(path, Math.max(0, header.sizeBytes - sizeBytes));
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
async function foreignPartsIn(blobs: string): Promise<{ name: string; sizeBytes: number }[]> {
  const names = (await namesIn(blobs)).filter((name) => name.endsWith(".incomplete")).sort();
  return await Promise.all(
    names.map(async (name) => ({ name, sizeBytes: (await statOrNull(join(blobs, name)))?.size ?? 0 })),
  );
}

function mainThenNewest(a: ScannedRevision, b: ScannedRevision): number {
  const rank = (revision: ScannedRevision) => (revision.refs.includes("main") ? 1 : 0);
  return rank(b) - rank(a) || b.modifiedMs - a.modifiedMs;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

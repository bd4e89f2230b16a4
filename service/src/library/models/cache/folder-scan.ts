import { createHash } from "node:crypto";
import { join } from "node:path";
import { weightBytesOf } from "./cache-scan.ts";
import { missingOf } from "./completeness.ts";
import { readJsonObject } from "../json-file.ts";
import { isWeightFile, readFacts } from "../facts/read-facts.ts";
import { readSafetensorsHeader } from "../facts/safetensors-header.ts";
import type { FolderSource, ScannedModel } from "./scanned-model.ts";
import { listSnapshot, statOrNull } from "./snapshot-files.ts";
import type { SnapshotFile } from "./snapshot-files.ts";

/**
 * Reads a model that lies in a plain folder. It stays a model when the folder is gone, for a disk may
 * come back; then `problem` says so.
 */
export async function scanPlainFolder(
  id: string,
  location: string,
  source: FolderSource = "folder",
): Promise<ScannedModel> {
  const nothing = { id, source, location, sizeBytes: 0, foreignBytes: 0 } as const;
  const gone = (problem: string): ScannedModel => ({ ...nothing, foreignParts: [], revisions: [], problem });
  if (!(await statOrNull(location))?.isDirectory()) {
    return gone("Its folder is not there any more. Connect the disk it lies on, or delete this entry.");
  }
  const files = await listSnapshot(location);
  const cutWeights = new Map<string, number | null>();
  const hash = createHash("sha256");
  for (const { path, sizeBytes, modifiedMs } of files) {
    hash.update(`${path}\0${sizeBytes}\0${modifiedMs}\0`);
    if (!isWeightFile(path)) continue;
    const header = await readSafetensorsHeader(join(location, path));
    hash.update(JSON.stringify(header === null ? null : [...header.tensors]));
    if (header?.sizeBytes !== sizeBytes) cutWeights.set(path, null);
  }
  if (files.length === 0) return gone("Its folder is empty. Delete this entry, or put the model back.");
  const index = await readJsonObject(join(location, "model.safetensors.index.json"));
  const missing = missingOf({ files, tree: null, index, cutWeights });
  const sizeBytes = files.reduce((total, file) => total + file.sizeBytes, 0);
  const revision = {
    // Not over the whole content, which would read every byte at each look: names, sizes and times of all files and
    // the heads of the weights change with whatever a tool does to a model.
    revision: hash.digest("hex").slice(0, 40),
    refs: ["main"],
    ...{ sizeBytes, exclusiveBytes: 0, complete: missing === null, missing, path: location },
    weightBytes: weightBytesOf(files),
    facts: await readFacts(id, location, files),
    modifiedMs: Math.max(...files.map(({ modifiedMs }: SnapshotFile) => modifiedMs)),
  };
  return { ...nothing, foreignParts: [], sizeBytes, revisions: [revision], problem: null };
}

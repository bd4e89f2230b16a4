import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { missingOf } from "./cache/completeness.ts";
import { weightBytesOf } from "./cache/cache-scan.ts";
import { readJsonObject } from "./json-file.ts";
import { readFacts } from "./facts/read-facts.ts";
import type { ScannedModel } from "./cache/scanned-model.ts";
import { listSnapshot, statOrNull } from "./cache/snapshot-files.ts";

export const builtInId = "mlx-manager/demo";

/** Reads the model that ships with the package; its revision is a hash over all it holds. Null when it is missing. */
export async function scanBuiltIn(folder: string): Promise<ScannedModel | null> {
  if (!(await statOrNull(folder))?.isDirectory()) return null;
  const files = await listSnapshot(folder);
  const hash = createHash("sha256");
  for (const { path, sizeBytes } of files) {
    hash.update(`${path}\0${sizeBytes}\0`).update(await readFile(join(folder, path)));
  }
  const index = await readJsonObject(join(folder, "model.safetensors.index.json"));
  const sizeBytes = files.reduce((total, file) => total + file.sizeBytes, 0);
  const missing = missingOf({ files, tree: null, index, cutWeights: new Map() });
  const revision = {
    revision: hash.digest("hex").slice(0, 40),
    refs: ["main"],
    ...{ sizeBytes, exclusiveBytes: 0, complete: missing === null, missing, path: folder },
    weightBytes: weightBytesOf(files),
    facts: await readFacts(builtInId, folder, files),
    modifiedMs: 0,
  };
  return {
    ...{ id: builtInId, source: "built-in", location: folder, sizeBytes },
    revisions: files.length === 0 ? [] : [revision],
    ...{ foreignParts: [], foreignBytes: 0, problem: null },
  };
}

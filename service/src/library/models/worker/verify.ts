import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { createHash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { isAbsent } from "../json-file.ts";
import type { Checksum, ExpectedFile } from "../cache/expected-files.ts";

/** How one file turned out. `right` only after its content was read. */
export interface FileVerdict {
  readonly path: string;
  readonly state: "right" | "unknown" | "missing" | "wrong-size" | "wrong-content" | "unreadable";
  readonly sizeBytes: number | null;
  readonly foundBytes: number | null;
}

export type VerifyReport =
  | { readonly type: "progress"; readonly done: number; readonly path: string }
  | { readonly type: "verdicts"; readonly verdicts: FileVerdict[]; readonly bytes: number };

/** Reads every file once, in large pieces: the hash is the limit. Ended from outside between any two pieces. */
const files = workerData as readonly ExpectedFile[];
const piece = Buffer.allocUnsafe(4 * 1024 * 1024);
const reportBytes = 32 * 1024 * 1024;
let done = 0;
let reported = 0;

const verdicts = files.map((file) => verify(file));
parentPort?.postMessage({ type: "verdicts", verdicts, bytes: done } satisfies VerifyReport);

function verify(file: ExpectedFile): FileVerdict {
  const { path, place, sizeBytes, checksum } = file;
  let descriptor: number | null = null;
  try {
    descriptor = openSync(place, "r");
    const facts = fstatSync(descriptor);
    const found = { path, sizeBytes: sizeBytes ?? (checksum === null ? null : facts.size), foundBytes: facts.size };
    if (!facts.isFile()) return { ...found, state: "missing", foundBytes: null };
    if (sizeBytes !== null && facts.size !== sizeBytes) return { ...found, state: "wrong-size" };
    if (checksum === null) return { ...found, state: "unknown" };
    const isRight = hashOf(descriptor, facts.size, checksum, path) === checksum.hex;
    return { ...found, sizeBytes, state: isRight ? "right" : "wrong-content" };
  } catch (error) {
    // A disk that cannot be read any more is what verification is for.
    return { path, sizeBytes, foundBytes: null, state: isAbsent(error) ? "missing" : "unreadable" };
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

function hashOf(descriptor: number, size: number, { algorithm }: Checksum, path: string): string {
  const hash = createHash(algorithm === "sha256" ? "sha256" : "sha1");
  if (algorithm === "git-sha1") hash.update(`blob ${size}\0`);
  for (let count = readSync(descriptor, piece); count > 0; count = readSync(descriptor, piece)) {
    hash.update(piece.subarray(0, count));
    done += count;
    if (done - reported < reportBytes) continue;
    reported = done;
    parentPort?.postMessage({ type: "progress", done, path } satisfies VerifyReport);
  }
  return hash.digest("hex");
}

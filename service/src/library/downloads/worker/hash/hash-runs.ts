/** The hashing thread's inside: files that grow, read behind their writers and hashed piece by piece. */
import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

export interface HashedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly algorithm: "git-sha1" | "sha256";
}

export type HashCommand =
  | { readonly type: "start"; readonly run: number; readonly file: HashedFile }
  /** The file may be read up to here. */
  | { readonly type: "advance"; readonly run: number; readonly end: number }
  | { readonly type: "stop"; readonly run: number };

export type HashReport =
  | { readonly type: "hashed"; readonly run: number; readonly bytes: number }
  | { readonly type: "digest"; readonly run: number; readonly digest: string }
  | { readonly type: "failed"; readonly run: number; readonly error: Error };

interface Run {
  readonly file: HashedFile;
  readonly hash: Hash;
  handle: number | null;
  position: number;
  end: number;
  reported: number;
}

/** Large pieces: with small ones the calls cost more than the hashing. */
const pieceBytes = 1024 * 1024;
const reportBytes = 8 * 1024 * 1024;

export interface HashRuns {
  obey(command: HashCommand): void;
  /** Hashes one piece of one run; false: there is nothing to do. */
  step(): boolean;
}

export function createHashRuns(report: (report: HashReport) => void): HashRuns {
  const runs = new Map<number, Run>();
  const piece = Buffer.allocUnsafeSlow(pieceBytes);

  const end = (number: number): void => {
    const handle = runs.get(number)?.handle ?? null;
    runs.delete(number);
    if (handle !== null) closeSync(handle);
  };
  const advance = (number: number, run: Run): void => {
    run.handle ??= openSync(run.file.path, "r");
    const wanted = Math.min(pieceBytes, run.end - run.position);
    const count = readSync(run.handle, piece, 0, wanted, run.position);
    if (count === 0) throw new Error("A file became shorter while it was read.");
    run.hash.update(count === pieceBytes ? piece : piece.subarray(0, count));
    run.position += count;
    if (run.position - run.reported < reportBytes && run.position < run.end) return;
    run.reported = run.position;
    report({ type: "hashed", run: number, bytes: run.position });
  };
  const finish = (number: number, run: Run): void => {
    report({ type: "digest", run: number, digest: run.hash.digest("hex") });
    end(number);
  };

  return {
    obey(command) {
      const run = runs.get(command.run);
      if (command.type === "stop") return end(command.run);
      if (command.type === "advance") return void (run && (run.end = Math.max(run.end, command.end)));
      const { file } = command;
      const hash = createHash(file.algorithm === "sha256" ? "sha256" : "sha1");
      // Git hashes a header with the content.
      if (file.algorithm === "git-sha1") hash.update(`blob ${file.sizeBytes}\0`);
      runs.set(command.run, { file, hash, handle: null, position: 0, end: 0, reported: 0 });
    },
    step() {
      for (const [number, run] of runs) {
        if (run.position >= run.end && run.position < run.file.sizeBytes) continue;
        try {
          if (run.position < run.end) advance(number, run);
          if (run.position >= run.file.sizeBytes) finish(number, run);
          // To the end of the row: files that grow together are hashed in turn.
          else if (runs.delete(number)) runs.set(number, run);
        } catch (error) {
          report({ type: "failed", run: number, error: error as Error });
          end(number);
        }
        return true;
      }
      return false;
    },
  };
}

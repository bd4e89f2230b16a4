import type { RepositoryLayout } from "../../layout.ts";
import type { PlannedFile } from "../../messages.ts";
import type { HashRun, Hasher } from "../hash/hasher.ts";
import { orAbort } from "./or-abort.ts";
import { placesOf } from "../commit/presence.ts";

export interface FoundBlobsOptions {
  readonly layout: RepositoryLayout;
  readonly commit: string;
  /** Blobs that lie in the cache in the right size and that we have never proven: the files of each. */
  readonly blobs: readonly (readonly PlannedFile[])[];
  readonly hasher: Hasher;
  readonly signal: AbortSignal;
  onProven(file: PlannedFile): void;
  onWrong(file: PlannedFile): void;
  onUnreadable(file: PlannedFile, error: unknown): void;
}

/** Reads what others have put into the cache before it becomes a part of a revision of ours. */
export interface FoundBlobs {
  /** Resolves when each was either proven or found wrong. */
  check(): Promise<void>;
  /** Bytes of the blob that is being read. */
  hashedBytes(): number;
}

export function createFoundBlobs(options: FoundBlobsOptions): FoundBlobs {
  const { layout, commit, blobs, hasher, signal } = options;
  let current: HashRun | null = null;

  const isRight = async ({ blobId, sizeBytes, algorithm }: PlannedFile, path: string): Promise<boolean> => {
    const run = hasher.follow({ path, sizeBytes, algorithm });
    current = run;
    try {
      run.advance(sizeBytes);
      return (await orAbort(run.digest, signal)) === blobId;
    } finally {
      run.stop();
      current = null;
    }
  };
  /** Every place that stands for the blob. One that cannot be read is not right either. */
  const areRight = async (files: readonly PlannedFile[]): Promise<boolean> => {
    const places = await placesOf(layout, commit, files);
    for (const path of places) {
      const isFine = await isRight(files[0] as PlannedFile, path).catch((error: unknown) => {
        signal.throwIfAborted();
        options.onUnreadable(files[0] as PlannedFile, error);
        return false;
      });
      if (!isFine) return false;
    }
    return places.length > 0;
  };

  return {
    async check() {
      for (const same of blobs) {
        signal.throwIfAborted();
        const [file] = same;
        if (!file) continue;
        if (await areRight(same)) options.onProven(file);
        else options.onWrong(file);
      }
    },
    hashedBytes: () => current?.hashed() ?? 0,
  };
}

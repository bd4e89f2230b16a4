import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Download } from "../../contract/downloads.ts";
import type { Clock } from "../../platform/clock.ts";
import { systemCode } from "../../platform/errors.ts";
import { createMailbox } from "../../platform/process/mailbox.ts";
import { idOfFolder } from "../models/index.ts";
import { repositoryLayout } from "./layout.ts";
import { isActive } from "./machine.ts";
import { discardDownload } from "./worker/commit/files.ts";

/** Unfinished files in the cache that no download is going to finish by itself. */
export interface StaleParts {
  readonly model: string;
  readonly description: string;
  readonly bytes: number;
}

export interface Leftovers {
  /** Of ended and given-up downloads. */
  list(): Promise<StaleParts[]>;
  /** Removes what `list` tells of. */
  remove(): Promise<StaleParts[]>;
  /** Removes what a crash between the end of a download and its tidying left. */
  removeEnded(): Promise<void>;
  idle(): Promise<void>;
}

export interface LeftoversDependencies {
  readonly cachePath: string;
  readonly find: (id: string) => Download | null;
  readonly clock: Clock;
}

interface Leftover extends StaleParts {
  readonly id: string;
  /** It can be of no use any more, not even to a retry. */
  readonly isEnded: boolean;
}

const hour = 3_600_000;
/**
 * Parts of an id that is in no row may belong to another service on the same cache. Those not written for so long are
 * offered, and removed unasked only after a week: a paused download writes nothing either.
 */
const strangerQuietMs = hour;
const strangerDeadMs = 7 * 24 * hour;

export function createLeftovers({ cachePath, find, clock }: LeftoversDependencies): Leftovers {
  const mailbox = createMailbox();

  const look = async (): Promise<Leftover[]> => {
    const found: Leftover[] = [];
    for (const folder of await namesIn(cachePath)) {
      const model = idOfFolder(folder);
      if (model === null) continue;
      const { parts } = repositoryLayout(cachePath, model);
      const names = Map.groupBy(await namesIn(parts), (name) => idOf(name) ?? "");
      for (const [id, own] of names) if (id !== "") found.push(...(await judge(model, id, parts, own)));
    }
    return found;
  };

  const judge = async (model: string, id: string, parts: string, names: readonly string[]): Promise<Leftover[]> => {
    const download = find(id);
    if (download && isActive(download.state)) return [];
    const { bytes, writtenAt } = await measure(names.map((name) => join(parts, name)));
    const quietMs = clock.now() - writtenAt;
    if (!download && quietMs < strangerQuietMs) return [];
    const isEnded = download ? download.state !== "failed" : quietMs >= strangerDeadMs;
    return [{ id, model, bytes, isEnded, description: describe(download) }];
  };

  const removeThose = async (leftovers: readonly Leftover[]): Promise<StaleParts[]> => {
    for (const { id, model } of leftovers) {
      // It may have been taken up again since it was looked at.
      if (!isActive(find(id)?.state ?? "failed")) await discardDownload(repositoryLayout(cachePath, model), id);
    }
    return leftovers.map(shown);
  };

  return {
    list: async () => (await look()).map(shown),
    remove: () => mailbox.post(async () => removeThose(await look())),
    removeEnded: () =>
      mailbox.post(async () => void (await removeThose((await look()).filter(({ isEnded }) => isEnded)))),
    idle: () => mailbox.idle(),
  };
}

function shown({ model, description, bytes }: Leftover): StaleParts {
  return { model, description, bytes };
}

function describe(download: Download | null): string {
  if (download === null) return "Parts of a download that nothing is known of";
  const { state, updatedAt, revision } = download;
  return `Parts of a download of ${revision} that was ${state} on ${updatedAt.slice(0, 10)}`;
}

/** The download that a file of the parts' folder belongs to; see the layout. */
function idOf(name: string): string | null {
  const match = /^(?:(?:[0-9a-f]{40}|[0-9a-f]{64})\.([\w-]{1,64})\.part|([\w-]{1,64})\.[a-z.]+)$/.exec(name);
  return match?.[1] ?? match?.[2] ?? null;
}

async function measure(paths: readonly string[]): Promise<{ bytes: number; writtenAt: number }> {
  let bytes = 0;
  let writtenAt = 0;
  for (const path of paths) {
    const found = await lstat(path).catch(ignoreMissing);
    if (!found) continue;
    // What it takes on the disk: parts have holes.
    if (found.isFile()) bytes += found.blocks * 512;
    writtenAt = Math.max(writtenAt, found.mtimeMs);
  }
  return { bytes, writtenAt };
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(ignoreMissing)) ?? [];
}

function ignoreMissing(error: unknown): null {
  if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return null;
  throw error;
}

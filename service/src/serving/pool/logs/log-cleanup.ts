import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../../platform/errors.ts";
import { turnedOverPath } from "../../../platform/process/log-pieces.ts";

export interface SettledServer {
  readonly id: string;
  readonly profileId: string;
}

export interface ServerLog {
  readonly id: string;
  readonly bytes: number;
}

export interface CleanupPlan {
  /** Servers whose row goes, with its log. */
  readonly rows: string[];
  /** Servers whose log goes while a row may stay. */
  readonly logs: string[];
}

export const keptPerProfile = 3;
export const keptBytes = 50 * 1024 * 1024;

// A log that was turned over has two files.
const logName = /^server-([A-Za-z0-9_-]+)\.log(\.1)?$/;

/**
 * What is left over (BUGFIX-02): of servers that are over, the last three of each profile stay and 50 MB of logs in
 * all; a log that no row knows goes. Logs of living servers are not touched.
 * @param settled newest first.
 */
export function planCleanup(
  settled: readonly SettledServer[],
  live: ReadonlySet<string>,
  logs: readonly ServerLog[],
): CleanupPlan {
  const counts = new Map<string, number>();
  const kept = new Set<string>();
  for (const { id, profileId } of settled) {
    const count = counts.get(profileId) ?? 0;
    counts.set(profileId, count + 1);
    if (count < keptPerProfile) kept.add(id);
  }
  const sizes = new Map(logs.map(({ id, bytes }) => [id, bytes]));
  let total = 0;
  const surplus = [...kept].filter((id) => {
    total += sizes.get(id) ?? 0;
    return sizes.has(id) && total > keptBytes;
  });
  const unknown = logs.filter(({ id }) => !live.has(id) && !kept.has(id)).map(({ id }) => id);
  return { rows: settled.filter(({ id }) => !kept.has(id)).map(({ id }) => id), logs: [...unknown, ...surplus] };
}

/** The folder's server logs; other files in it are not ours. */
export async function listServerLogs(folder: string): Promise<ServerLog[]> {
  const names = await unlessAbsent(readdir(folder), []);
  const logs = names.map(async (name): Promise<ServerLog[]> => {
    const id = logName.exec(name)?.[1];
    if (id === undefined) return [];
    const facts = await unlessAbsent(stat(join(folder, name)), null);
    return facts === null ? [] : [{ id, bytes: facts.size }];
  });
  const bytes = new Map<string, number>();
  for (const log of (await Promise.all(logs)).flat()) bytes.set(log.id, (bytes.get(log.id) ?? 0) + log.bytes);
  return [...bytes].map(([id, sum]) => ({ id, bytes: sum }));
}

export async function removeServerLogs(folder: string, ids: readonly string[]): Promise<void> {
  const paths = ids.map((id) => serverLogPath(folder, id));
  await Promise.all(paths.flatMap((path) => [path, turnedOverPath(path)]).map((path) => rm(path, { force: true })));
}

export function serverLogPath(folder: string, id: string): string {
  return join(folder, `server-${id}.log`);
}

async function unlessAbsent<Value>(promise: Promise<Value>, absent: Value): Promise<Value> {
  try {
    return await promise;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return absent;
    throw error;
  }
}

import { readdir, stat } from "node:fs";
import type { Stats } from "node:fs";
import { join } from "node:path";
import { isAbsent } from "../json-file.ts";
import type { Stamp } from "./scanned-model.ts";

/**
 * The stamp of a repository in the Hub cache: the times of its folders, whose entries change with every file that
 * comes or goes, of `refs/main`, which is written in place, and the sizes of unfinished files, which grow. What is
 * changed inside a blob does not show here; verification is for that. Callbacks instead of promises halve the cost,
 * and nothing waits on the main thread, not even for a disk that hangs.
 * @returns null when there is no repository.
 */
export async function stampOfRepository(location: string, foreignParts: readonly string[]): Promise<Stamp | null> {
  const [commits, ...facts] = await Promise.all([
    namesOf(join(location, "snapshots")),
    ...["refs", "refs/main", "blobs", "snapshots", "trees"].map((name) => statOf(join(location, name))),
  ]);
  const [refs, , blobs, snapshots] = facts;
  if (!refs && !blobs && !snapshots) return null;
  const folders = await Promise.all(commits.map((commit) => statOf(join(location, "snapshots", commit))));
  const parts = await Promise.all(foreignParts.map((name) => statOf(join(location, "blobs", name))));
  const all = [...facts, ...folders];
  return {
    text: [...all.map((one) => one?.mtimeMs ?? "-"), ...parts.map((one) => one?.size ?? "-")].join(" "),
    newestMs: Math.max(0, ...all.map((one) => one?.mtimeMs ?? 0)),
  };
}

/** The stamp of a plain folder: the times and sizes of all that lies directly in it. Null when it is gone. */
export async function stampOfFolder(location: string): Promise<Stamp | null> {
  if (!(await statOf(location))?.isDirectory()) return null;
  const names = (await namesOf(location)).sort();
  const all = await Promise.all(names.map((name) => statOf(join(location, name))));
  return {
    text: names.map((name, index) => `${name}:${all[index]?.size ?? "-"}:${all[index]?.mtimeMs ?? "-"}`).join(" "),
    newestMs: Math.max(0, ...all.map((one) => one?.mtimeMs ?? 0)),
  };
}

function statOf(path: string): Promise<Stats | null> {
  return new Promise((resolve, reject) => {
    stat(path, (error, facts) => (error === null ? resolve(facts) : isAbsent(error) ? resolve(null) : reject(error)));
  });
}

function namesOf(path: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    readdir(path, (error, names) => (error === null ? resolve(names) : isAbsent(error) ? resolve([]) : reject(error)));
  });
}

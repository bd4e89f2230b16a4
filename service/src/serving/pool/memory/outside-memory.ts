import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { MemoryReading } from "../../../contract/servers.ts";
import { timestamp } from "../../../platform/clock.ts";
import type { Clock } from "../../../platform/clock.ts";
import { groupMembers } from "../units/process/process-group.ts";

/** Measures an engine without asking it: the sum over its process group. Null when nothing of it can be read. */
export type OutsideMemory = (groupId: number) => Promise<MemoryReading | null>;

type Figure = Pick<MemoryReading, "footprintBytes" | "method">;

const run = promisify(execFile);
const patienceMs = 5000;

export function createOutsideMemory(clock: Clock, platform: string = process.platform): OutsideMemory {
  const measure = platform === "darwin" ? readMac : readLinux;
  return async (groupId) => {
    const figures = (await measure(groupMembers(groupId))).filter((figure) => figure !== null);
    if (figures.length === 0) return null;
    return {
      footprintBytes: figures.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0),
      // As good as the worst of its parts.
      method: figures.find(({ method }) => method === "rss")?.method ?? figures[0]!.method,
      at: timestamp(clock),
    };
  };
}

/** `Pss` of `/proc/<pid>/smaps_rollup` in bytes: pages that processes share are counted once in all. */
export function parsePss(text: string): number | null {
  return kibibytes(text, /^Pss:\s+(\d+) kB/m);
}

/** `VmRSS` of `/proc/<pid>/status` in bytes. */
export function parseResident(text: string): number | null {
  return kibibytes(text, /^VmRSS:\s+(\d+) kB/m);
}

/**
 * What `footprint` says of each process it was asked for, in bytes. It rounds to whole units; the form of its output is
 * the documented one, we have not run it on a Mac.
 */
export function parseFootprints(text: string): number[] {
  return [...text.matchAll(/\[\d+\]:.*?Footprint: ([\d.]+) (B|KB|MB|GB|TB)/g)].map(
    ([, figure, unit]) => Number(figure) * 1024 ** ["B", "KB", "MB", "GB", "TB"].indexOf(unit ?? "B"),
  );
}

function readLinux(pids: readonly number[]): Promise<(Figure | null)[]> {
  return Promise.all(
    pids.map(async (pid) => {
      const pss = parsePss(await readProcess(`/proc/${pid}/smaps_rollup`));
      if (pss !== null) return { footprintBytes: pss, method: "pss" as const };
      const resident = parseResident(await readProcess(`/proc/${pid}/status`));
      return resident === null ? null : { footprintBytes: resident, method: "rss" as const };
    }),
  );
}

async function readMac(pids: readonly number[]): Promise<(Figure | null)[]> {
  if (pids.length === 0) return [];
  const words = pids.flatMap((pid) => ["-p", String(pid)]);
  try {
    const { stdout } = await run("/usr/bin/footprint", words, { timeout: patienceMs });
    return parseFootprints(stdout).map((footprintBytes) => ({ footprintBytes, method: "phys_footprint" }));
  } catch {
    // Absent, or one of the processes has gone: no figure is the answer, the next look comes soon.
    return [];
  }
}

async function readProcess(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    // Gone since the look, or hidden by a hardened kernel: no figure, and the caller has another way.
    return "";
  }
}

function kibibytes(text: string, pattern: RegExp): number | null {
  const figure = pattern.exec(text)?.[1];
  return figure === undefined ? null : Number(figure) * 1024;
}

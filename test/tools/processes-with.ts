import { readFileSync, readdirSync } from "node:fs";

/** Pids of running processes whose environment holds this entry (`HOME=…`), whoever their parent is; zombies have none. */
export function processesWith(entry: string): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readFileSync(`/proc/${name}/environ`, "utf8").split("\0").includes(entry) ? [Number(name)] : [];
    } catch {
      return []; // It ended while we looked.
    }
  });
}

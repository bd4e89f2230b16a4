import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

/** What the machine says of a process, seen from outside of it. */
export interface ProcessFigures {
  readonly residentBytes: number;
  readonly descriptors: number;
}

export function figuresOf(pid: number): ProcessFigures {
  const kilobytes = Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }));
  return { residentBytes: kilobytes * 1024, descriptors: descriptorsOf(pid) };
}

function descriptorsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  if (existsSync(folder)) return readdirSync(folder).length;
  const lines = execFileSync("lsof", ["-p", String(pid), "-F", "f"], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => /^f\d/.test(line)).length;
}

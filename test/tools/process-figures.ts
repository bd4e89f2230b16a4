import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";

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

/** Processor time that the process has used, in milliseconds; hundredths of a second are as fine as it gets. */
export function processorTimeOf(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (existsSync(file)) {
    const fields = readFileSync(file, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }
  const text = execFileSync("ps", ["-o", "cputime=", "-p", String(pid)], { encoding: "utf8" }).trim();
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) * 1000;
}

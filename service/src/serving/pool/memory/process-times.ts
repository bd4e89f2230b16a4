import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** Linux counts in hundredths of a second for every program, whatever the kernel's own tick is. */
const ticksPerSecond = 100;
const run = promisify(execFile);

export interface CpuMeter {
  /** Share of one core since the last call, in percent; null at first and when the process cannot be read. */
  sample(): Promise<number | null>;
}

/** CPU use of one process from the time it has used, so that nothing has to be watched in between. */
export function createCpuMeter(pid: number, monotonic: () => number): CpuMeter {
  let last: { seconds: number; at: number } | null = null;
  return {
    async sample() {
      const seconds = await cpuSeconds(pid);
      const at = monotonic();
      const before = last;
      last = seconds === null ? null : { seconds, at };
      if (seconds === null || before === null || at <= before.at) return null;
      const percent = ((seconds - before.seconds) / ((at - before.at) / 1000)) * 100;
      return Math.max(0, Math.round(percent * 10) / 10);
    },
  };
}

/** Seconds of CPU time a process has used; null when there is no such process. */
export async function cpuSeconds(pid: number): Promise<number | null> {
  try {
    return process.platform === "linux"
      ? parseStat(await readFile(`/proc/${pid}/stat`, "utf8"))
      : parsePsTime((await run("/bin/ps", ["-o", "time=", "-p", String(pid)])).stdout);
  } catch {
    // Gone between two samples, or not ours to read: the figure is unknown, and that is the answer.
    return null;
  }
}

function parseStat(text: string): number {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` as ps prints it. */
export function parsePsTime(text: string): number | null {
  const match = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text.trim());
  if (!match) return null;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return days * 86_400 + hours * 3600 + minutes * 60 + seconds;
}

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

export interface ProcessUsage {
  readonly processId: number;
  readonly parentId: number;
  /** The most memory it ever had, in bytes; on macOS what it has now. */
  readonly peakBytes: number;
  readonly residentBytes: number;
  /** User and system time of all its threads. */
  readonly cpuSeconds: number;
}

const ticksPerSecond = 100;

/** A process and all below it, as the system counts them now; those that ended in between are left out. */
export function usageOfTree(processId: number): ProcessUsage[] {
  const all = process.platform === "linux" ? linuxProcesses() : otherProcesses();
  const found = all.filter((one) => one.processId === processId);
  for (const parent of found) found.push(...all.filter(({ parentId }) => parentId === parent.processId));
  return found;
}

function linuxProcesses(): ProcessUsage[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const status = contentOf(`/proc/${name}/status`);
      const stat = contentOf(`/proc/${name}/stat`);
      if (status === null || stat === null) return [];
      const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(")")).split(" ").slice(12, 14).map(Number);
      return {
        processId: Number(name),
        parentId: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0),
        peakBytes: Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024,
        residentBytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024,
        cpuSeconds: (user + system) / ticksPerSecond,
      };
    });
}

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    // It ended between the listing and the reading.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

function otherProcesses(): ProcessUsage[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss=,time="], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => {
    const [processId = 0, parentId = 0, rss = 0] = line.trim().split(/\s+/).map(Number);
    const clock = (line.trim().split(/\s+/)[3] ?? "0").split(":").map(Number);
    const cpuSeconds = clock.reduce((sum, part) => sum * 60 + part, 0);
    return { processId, parentId, peakBytes: rss * 1024, residentBytes: rss * 1024, cpuSeconds };
  });
}

/** What one process holds in memory now. */
export function residentBytes(processId: number): number {
  return usageOfTree(processId).find((one) => one.processId === processId)?.residentBytes ?? 0;
}

export interface MemoryWatch {
  /** The sum over the processes of the most that each ever had. */
  end(): number;
}

/** Looks at a process tree twenty times a second until it is ended. Skips the process itself when told so: a mere shell. */
export function watchMemory(processId: number, { childrenOnly = false } = {}): MemoryWatch {
  const peaks = new Map<number, number>();
  const look = (): void => {
    for (const { processId: id, peakBytes } of usageOfTree(processId)) {
      if (!childrenOnly || id !== processId) peaks.set(id, Math.max(peaks.get(id) ?? 0, peakBytes));
    }
  };
  const timer = setInterval(look, 50);
  look();
  return {
    end() {
      look();
      clearInterval(timer);
      return [...peaks.values()].reduce((sum, bytes) => sum + bytes, 0);
    },
  };
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { totalmem, freemem } from "node:os";
import type { MachineMemory } from "../../contract/system.ts";
import { systemCode } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import * as linux from "./linux-memory.ts";
import * as mac from "./mac-memory.ts";

export interface MemoryReader {
  /** The present reading. On macOS, where reading starts a program, the last one; a newer one is then under way. */
  read(): MachineMemory;
  refresh(): Promise<MachineMemory>;
}

export function createMemoryReader(log: Log): MemoryReader {
  if (process.platform === "linux") return { read: readLinux, refresh: () => Promise.resolve(readLinux()) };
  return createMacReader(log);
}

function readLinux(): MachineMemory {
  const { totalBytes, availableBytes } = linux.parseMeminfo(readFileSync("/proc/meminfo", "utf8"));
  const cgroup = linux.parseCgroupPath(readOptional("/proc/self/cgroup") ?? "");
  const read = (name: string) => (cgroup === null ? "" : (readOptional(join("/sys/fs/cgroup", cgroup, name)) ?? ""));
  const limit = linux.parseCgroupLimit(read("memory.max"));
  const charged = linux.parseCgroupLimit(read("memory.current"));
  // A download fills the cache up to the limit; counted as used, no model would seem to fit after it.
  const used = charged === null ? null : charged - linux.parseReclaimable(read("memory.stat"));
  const limitBytes = limit === null ? totalBytes : Math.min(limit, totalBytes);
  const available =
    limit === null || used === null ? availableBytes : Math.min(availableBytes, Math.max(0, limit - used));
  return {
    totalBytes,
    limitBytes,
    availableBytes: available,
    pressure: linux.parsePressure(readOptional("/proc/pressure/memory") ?? ""),
    method: limit === null ? "MemAvailable" : "MemAvailable within memory.max",
  };
}

function createMacReader(log: Log): MemoryReader {
  const totalBytes = totalmem();
  let latest: MachineMemory = {
    ...{ totalBytes, limitBytes: mac.wiredLimit(totalBytes, 0), availableBytes: freemem(), pressure: null },
    method: "estimate until the first reading",
  };
  let pending: Promise<MachineMemory> | null = null;
  const refresh = (): Promise<MachineMemory> => {
    pending ??= readMac(totalBytes)
      .then((reading) => (latest = reading))
      .finally(() => (pending = null));
    return pending;
  };
  return {
    refresh,
    read() {
      refresh().catch((error: unknown) => log.warn({ error }, "memory could not be read"));
      return latest;
    },
  };
}

async function readMac(totalBytes: number): Promise<MachineMemory> {
  const { execa } = await import("execa");
  const [pages, pressure, limit] = await Promise.all([
    execa("/usr/bin/vm_stat", { timeout: 5000 }),
    execa("/usr/sbin/sysctl", ["-n", "kern.memorystatus_vm_pressure_level"], { timeout: 5000, reject: false }),
    execa("/usr/sbin/sysctl", ["-n", "iogpu.wired_limit_mb"], { timeout: 5000, reject: false }),
  ]);
  return {
    totalBytes,
    limitBytes: mac.wiredLimit(totalBytes, Number(limit.stdout) || 0),
    availableBytes: Math.min(mac.parseVmStat(pages.stdout) ?? freemem(), totalBytes),
    pressure: mac.parsePressure(pressure.stdout),
    method: "vm_stat, iogpu.wired_limit_mb",
  };
}

function readOptional(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "EACCES", "EOPNOTSUPP", "ENOTDIR", "EINVAL"].includes(systemCode(error) ?? "")) return null;
    throw error;
  }
}

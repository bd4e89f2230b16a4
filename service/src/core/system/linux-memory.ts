/** Fields of `/proc/meminfo` in bytes. */
export function parseMeminfo(text: string): { totalBytes: number; availableBytes: number } {
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
  return { totalBytes: field("MemTotal"), availableBytes: field("MemAvailable") };
}

/** A cgroup v2 `memory.max`: bytes, or null for `max`. */
export function parseCgroupLimit(text: string): number | null {
  const value = text.trim();
  return /^\d+$/.test(value) ? Number(value) : null;
}

/** What of a cgroup's `memory.current` is file cache that goes before anything is killed, from `memory.stat`. */
export function parseReclaimable(text: string): number {
  return Number(/^inactive_file (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** Path of this process' cgroup v2 folder, from `/proc/self/cgroup`. */
export function parseCgroupPath(text: string): string | null {
  return /^0::(\/\S*)$/m.exec(text)?.[1] ?? null;
}

/** Pressure from `/proc/pressure/memory`: the share of time in which something waited for memory. */
export function parsePressure(text: string): "normal" | "warning" | "critical" | null {
  const share = Number(/^some avg10=([\d.]+)/m.exec(text)?.[1]);
  if (!Number.isFinite(share)) return null;
  return share >= 40 ? "critical" : share >= 10 ? "warning" : "normal";
}

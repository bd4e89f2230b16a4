/*
 * Parsers of macOS tool output, tested against recorded samples; the tools themselves were never run on a Mac by us.
 */

/** Bytes that can be had without swapping, from `vm_stat`: free + inactive + speculative + purgeable pages. */
export function parseVmStat(text: string): number | null {
  const pageSize = Number(/page size of (\d+) bytes/.exec(text)?.[1]);
  if (!Number.isFinite(pageSize)) return null;
  const pages = ["Pages free", "Pages inactive", "Pages speculative", "Pages purgeable"].map((name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)\\.`, "m").exec(text)?.[1] ?? 0),
  );
  return pageSize * pages.reduce((sum, count) => sum + count, 0);
}

/** `sysctl -n kern.memorystatus_vm_pressure_level`: 1 normal, 2 warning, 4 critical. */
export function parsePressure(text: string): "normal" | "warning" | "critical" | null {
  const level = text.trim();
  return level === "1" ? "normal" : level === "2" ? "warning" : level === "4" ? "critical" : null;
}

/**
 * What the GPU may wire. `iogpu.wired_limit_mb` when a person raised it; at 0 macOS gives about 2/3 of the memory up
 * to 36 GB and 3/4 above (community figures).
 */
export function wiredLimit(totalBytes: number, limitMegabytes: number): number {
  if (limitMegabytes > 0) return Math.min(limitMegabytes * 1024 * 1024, totalBytes);
  return Math.floor(totalBytes * (totalBytes <= 36 * 1024 ** 3 ? 2 / 3 : 3 / 4));
}

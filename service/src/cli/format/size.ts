/** What stands where a figure is not known: an empty cell would read as "nothing". */
export const unknown = "-";

const diskUnits = ["B", "kB", "MB", "GB", "TB", "PB"];
const memoryUnits = ["B", "KB", "MB", "GB", "TB", "PB"];

/** Sizes of files in powers of 1000, as the Hub shows them: `4.3 GB`. */
export function formatBytes(bytes: number | null | undefined): string {
  return formatIn(bytes, 1000, diskUnits);
}

/** Memory in powers of 1024 with the units macOS writes: `16 GB`. */
export function formatMemory(bytes: number | null | undefined): string {
  return formatIn(bytes, 1024, memoryUnits);
}

function formatIn(bytes: number | null | undefined, base: number, units: readonly string[]): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes) || bytes < 0) return unknown;
  let value = bytes;
  let unit = 0;
  // Rounding decides the unit: 999.6 kB would else print as "1000 kB".
  while (unit < units.length - 1 && Math.round(value) >= base) {
    value /= base;
    unit += 1;
  }
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1).replace(/\.0$/, "")} ${units[unit]}`;
}

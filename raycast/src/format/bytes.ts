/** What stands where a figure is not known: an empty cell would read as "nothing". */
export const UNKNOWN = "–";

const DISK_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];
const MEMORY_UNITS = ["B", "KB", "MB", "GB", "TB", "PB"];

/** Sizes of files and downloads in powers of 1000, as the Finder and Hugging Face show them: `4.3 GB`. */
export function formatBytes(bytes: number | null | undefined): string {
  return formatIn(bytes, 1000, DISK_UNITS);
}

/** Memory in powers of 1024 with the units macOS writes: a Mac with 17,179,869,184 bytes has `16 GB`. */
export function formatMemory(bytes: number | null | undefined): string {
  return formatIn(bytes, 1024, MEMORY_UNITS);
}

function formatIn(bytes: number | null | undefined, base: number, units: readonly string[]): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes) || bytes < 0) return UNKNOWN;
  let value = bytes;
  let unit = 0;
  // 999.6 kB would print as "1000 kB": rounding decides the unit, not the bare value.
  while (unit < units.length - 1 && Math.round(value) >= base) {
    value /= base;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${stripZero(value.toFixed(digits))} ${units[unit]}`;
}

function stripZero(text: string): string {
  return text.replace(/\.0$/, "");
}

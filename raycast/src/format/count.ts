import { UNKNOWN } from "./bytes.ts";

const STEPS = [
  { size: 1e12, suffix: "T" },
  { size: 1e9, suffix: "B" },
  { size: 1e6, suffix: "M" },
  { size: 1e3, suffix: "K" },
];

/** Large counts in short: downloads and likes (`12.3K`), parameters (`7B`, `1.7B`). */
export function formatCount(count: number | null | undefined): string {
  if (count === null || count === undefined || !Number.isFinite(count)) return UNKNOWN;
  for (const [index, { size, suffix }] of STEPS.entries()) {
    if (count < size * 0.9995) continue;
    const value = count / size;
    const larger = STEPS[index - 1];
    // 999,960 rounds to 1000K, which is 1M.
    if (larger !== undefined && Math.round(value) >= 1000) return `1${larger.suffix}`;
    return `${value.toFixed(value >= 100 ? 0 : 1).replace(/\.0$/, "")}${suffix}`;
  }
  return String(Math.round(count));
}

import { unknown } from "./size.ts";

const steps = [
  { size: 1e12, suffix: "T" },
  { size: 1e9, suffix: "B" },
  { size: 1e6, suffix: "M" },
  { size: 1e3, suffix: "K" },
];

/** Large counts in short: downloads and likes (`12.3K`), parameters (`1.7B`). */
export function formatCount(count: number | null | undefined): string {
  if (count === null || count === undefined || !Number.isFinite(count)) return unknown;
  const step = steps.find(({ size }) => count >= size * 0.9995);
  if (!step) return String(Math.round(count));
  const value = count / step.size;
  return `${value.toFixed(value >= 100 ? 0 : 1).replace(/\.0$/, "")}${step.suffix}`;
}

/** A context window as model cards write it: 32768 is `32K`, 200000 `200K`. */
export function formatContext(tokens: number | null | undefined): string {
  if (tokens === null || tokens === undefined || tokens <= 0) return unknown;
  const base = tokens % 1024 === 0 ? 1024 : 1000;
  if (tokens < base) return String(tokens);
  const [value, suffix] = tokens < base * base ? [tokens / base, "K"] : [tokens / (base * base), "M"];
  return `${value.toFixed(1).replace(/\.0$/, "")}${suffix}`;
}

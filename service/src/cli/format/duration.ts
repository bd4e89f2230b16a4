import { unknown } from "./size.ts";

const units = [
  { seconds: 86_400, suffix: "d" },
  { seconds: 3600, suffix: "h" },
  { seconds: 60, suffix: "m" },
  { seconds: 1, suffix: "s" },
];

/** A span in its two largest units: `45s`, `3m 20s`, `2h 5m`. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds) || seconds < 0) return unknown;
  const whole = Math.floor(seconds);
  const first = units.findIndex((unit) => whole >= unit.seconds);
  if (first === -1) return "0s";
  let rest = whole;
  const parts = units.slice(first, first + 2).flatMap(({ seconds: size, suffix }) => {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    return amount > 0 ? [`${amount}${suffix}`] : [];
  });
  return parts.join(" ");
}

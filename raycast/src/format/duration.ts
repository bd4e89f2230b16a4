import { UNKNOWN } from "./bytes.ts";

const UNITS = [
  { seconds: 86_400, suffix: "d" },
  { seconds: 3_600, suffix: "h" },
  { seconds: 60, suffix: "m" },
  { seconds: 1, suffix: "s" },
];

/** A span in its two largest units: `45s`, `3m 20s`, `2h 5m`, `3d 4h`. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds) || seconds < 0) return UNKNOWN;
  const whole = Math.floor(seconds);
  const first = UNITS.findIndex((unit) => whole >= unit.seconds);
  if (first < 0) return "0s";
  const parts: string[] = [];
  let rest = whole;
  for (const { seconds: size, suffix } of UNITS.slice(first, first + 2)) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) parts.push(`${amount}${suffix}`);
  }
  return parts.join(" ");
}

/** What is left of a transfer: `2m 5s left`; an empty text while the speed is unknown, since a guess would jump about. */
export function formatTimeLeft(
  remainingBytes: number | null | undefined,
  bytesPerSecond: number | null | undefined,
): string {
  if (!isPositive(bytesPerSecond) || remainingBytes === null || remainingBytes === undefined || remainingBytes < 0)
    return "";
  return `${formatDuration(Math.ceil(remainingBytes / bytesPerSecond))} left`;
}

function isPositive(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value) && value > 0;
}

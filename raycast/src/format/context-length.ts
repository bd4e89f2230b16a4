import { UNKNOWN } from "./bytes.ts";

/** A context window as model cards write it: 32768 is `32K`, 131072 `128K`, 1048576 `1M`, 200000 `200K`. */
export function formatContextLength(tokens: number | null | undefined): string {
  if (tokens === null || tokens === undefined || !Number.isFinite(tokens) || tokens <= 0) return UNKNOWN;
  const base = tokens % 1024 === 0 ? 1024 : 1000;
  if (tokens < base) return String(tokens);
  if (tokens < base * base) return `${short(tokens / base)}K`;
  return `${short(tokens / (base * base))}M`;
}

function short(value: number): string {
  return value.toFixed(1).replace(/\.0$/, "");
}

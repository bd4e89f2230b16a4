import { formatBytes } from "./bytes.ts";

/** Transfer speed: `12.4 MB/s`; an empty text while nothing is measured or nothing moves. */
export function formatTransferSpeed(bytesPerSecond: number | null | undefined): string {
  return bytesPerSecond ? `${formatBytes(bytesPerSecond)}/s` : "";
}

/** Generation speed: `38.2 tok/s`; an empty text while nothing is measured. */
export function formatTokenSpeed(tokensPerSecond: number | null | undefined): string {
  if (!tokensPerSecond || !Number.isFinite(tokensPerSecond)) return "";
  return `${tokensPerSecond.toFixed(tokensPerSecond >= 100 ? 0 : 1)} tok/s`;
}

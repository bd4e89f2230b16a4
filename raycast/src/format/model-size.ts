import { formatBytes } from "./bytes.ts";

/** A model's size as a listing tells it; `~` where it was worked out from the number of parameters. */
export function formatModelSize(model: { sizeBytes: number | null; sizeIsEstimate: boolean }): string {
  const size = formatBytes(model.sizeBytes);
  return model.sizeBytes !== null && model.sizeIsEstimate ? `~${size}` : size;
}

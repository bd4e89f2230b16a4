import type { Download } from "../api/schemas.ts";

const OVER = new Set<string>(["completed", "failed", "cancelled"]);

/** Whether the download still owns its model: paused ones too. */
export function isActive({ state }: Download): boolean {
  return !OVER.has(state);
}

/** What Enter does with a download in this state. */
export function canPause({ state }: Download): boolean {
  return state === "queued" || state === "planning" || state === "downloading";
}

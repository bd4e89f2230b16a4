import type { Server } from "../api/schemas.ts";

/** Seconds since the server became ready; undefined while it is not. Whole minutes after the first, so that rows stay calm. */
export function uptime({ readyAt, state }: Pick<Server, "readyAt" | "state">, now: Date): number | undefined {
  if (readyAt === null || (state !== "ready" && state !== "unhealthy")) return undefined;
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(readyAt)) / 1000));
  return seconds < 60 ? seconds : seconds - (seconds % 60);
}

import type { Server } from "../api/schemas.ts";
import { formatBytes, formatMemory } from "./bytes.ts";
import { formatDuration } from "./duration.ts";

/** What it has to do now: `2 at work, 1 waiting`; an empty text when nobody asks it anything. */
export function requestsText({ inFlight, waiting }: Pick<Server, "inFlight" | "waiting">): string {
  const parts = [inFlight > 0 ? `${inFlight} at work` : "", waiting > 0 ? `${waiting} waiting` : ""];
  return parts.filter((part) => part !== "").join(", ");
}

/** When it goes by itself. */
export function unloadText({ pinned, expiresAt }: Pick<Server, "pinned" | "expiresAt">, now: Date): string {
  const left = expiresAt === null ? undefined : Math.max(0, (Date.parse(expiresAt) - now.getTime()) / 1000);
  // Whole minutes: a line that changes every second draws the eye.
  const calm = left === undefined || left < 60 ? left : left - (left % 60);
  const idle = calm === undefined ? "" : `In ${formatDuration(calm)} without a request`;
  if (pinned) return idle === "" ? "Never: it is pinned" : `${idle}; never to make room`;
  return idle === "" ? "Only to make room for another" : idle;
}

/** What it takes beside what is kept free for it: `2.9 GB of 3 GB reserved`. */
export function memoryText({ memory, reservedBytes }: Pick<Server, "memory" | "reservedBytes">): string {
  const taken = formatMemory(memory?.footprintBytes);
  return reservedBytes > 0 ? `${taken} of ${formatMemory(reservedBytes)} reserved` : taken;
}

const AT_REST = new Set<string>(["ready", "stopping", "stopped", "evicted"]);

/** Why it does not answer, with the next step, as the service says it. Undefined: nothing is wrong now. */
export function troubleText({ state, lastError }: Pick<Server, "state" | "lastError">): string | undefined {
  return AT_REST.has(state) ? undefined : lastError?.message;
}

/** One that keeps the room another needs: its profile, and what it holds as far as that is told. */
export interface Holder {
  profile: string;
  size: string;
}

export function holderText({ profile, size }: Holder): string {
  return size === "" ? profile : `${profile} (${size})`;
}

/** Whom a refused load names as those in the way, the largest first. */
export function holdersOf(details: Record<string, unknown> | undefined): Holder[] {
  const stop: unknown = details?.["stop"];
  if (!Array.isArray(stop)) return [];
  return (stop as unknown[]).flatMap((holder) => {
    if (typeof holder === "string") return [{ profile: holder, size: "" }];
    const { profile, bytes } = (holder ?? {}) as { profile?: unknown; bytes?: unknown };
    if (typeof profile !== "string") return [];
    return [{ profile, size: typeof bytes === "number" ? formatBytes(bytes) : "" }];
  });
}

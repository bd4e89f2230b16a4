import type { RequestRow } from "./core/requests/index.ts";
import type { Events } from "./platform/events.ts";
import { roomText } from "./serving/pool/index.ts";

/** Which servers were unloaded for the sake of a request; null: none. */
export type SwapCause = (row: Pick<RequestRow, "profileId" | "startedAt" | "loadMs">) => string | null;

/** So many unloadings are remembered: a request that waited for one ends soon after it, or much later without need of it. */
const remembered = 100;

/** Listens who makes room for whom. @param nameOf what people call a profile by its id */
export function watchSwaps(events: Pick<Events, "listen">, nameOf: (profileId: string) => string | null): SwapCause {
  const unloaded: { readonly profile: string; readonly because: string; readonly at: string }[] = [];
  events.listen(({ type, data }) => {
    if (type !== "server.changed" || data.state !== "evicted" || data.endedBecause === null) return;
    unloaded.push({ profile: data.profile, because: data.endedBecause, at: data.stoppedAt ?? "" });
    if (unloaded.length > remembered) unloaded.shift();
  });
  return ({ profileId, startedAt, loadMs }) => {
    const name = profileId === null || (loadMs ?? 0) === 0 ? null : nameOf(profileId);
    if (name === null) return null;
    const forIt = unloaded.filter(({ because, at }) => because === roomText(name) && at >= startedAt);
    return forIt.length === 0 ? null : forIt.map(({ profile }) => profile).join(", ");
  };
}

import type { ServerState } from "../../../contract/servers.ts";
import type { TransitionTable } from "../../../platform/machine.ts";

/**
 * `busy` is no state: it is derived from the leases. `restarting` holds a server between two processes;
 * `stopping` lasts until its processes are gone and their memory is back.
 */
export const serverTransitions = {
  queued: ["starting", "restarting", "stopping", "failed"],
  starting: ["warming", "restarting", "stopping", "failed"],
  warming: ["ready", "restarting", "stopping", "failed"],
  ready: ["unhealthy", "restarting", "stopping", "failed"],
  unhealthy: ["ready", "restarting", "stopping", "failed"],
  restarting: ["queued", "stopping", "failed"],
  stopping: ["stopped", "evicted", "failed"],
  stopped: [],
  failed: [],
  evicted: [],
} as const satisfies TransitionTable<ServerState>;

/** Whether the server is over: its row never changes again. */
export function isSettled(state: ServerState): boolean {
  return serverTransitions[state].length === 0;
}

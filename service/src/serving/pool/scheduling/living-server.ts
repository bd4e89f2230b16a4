import type { Profile } from "../../../contract/profiles.ts";
import type { AppError } from "../../../platform/errors.ts";
import type { ForecastMemory } from "./admission.ts";
import type { Deferred } from "../deferred.ts";
import type { ModelLocation } from "../units/process/engine-command.ts";
import type { Lease, LoadProgress } from "../lease.ts";
import type { ServerPlan } from "./scheduler-state.ts";
import type { Supervisor } from "../supervision/supervisor.ts";

/** A server somebody wants: the key is its profile and revision. */
export interface Wish {
  readonly key: string;
  readonly profile: Profile;
  readonly location: ModelLocation;
  readonly plan: ServerPlan;
  readonly forecast: ForecastMemory;
}

/** Who asked for a server, until there is a place or a reason why there is none. */
export interface Ticket {
  readonly wish: Wish;
  readonly onProgress: ((progress: LoadProgress) => void) | undefined;
  grant(lease: Lease): void;
  refuse(error: AppError): void;
}

export interface LivingServer {
  readonly key: string;
  readonly run: number;
  readonly supervisor: Supervisor;
  readonly wish: Wish;
  readonly admission: Deferred<void>;
  /** Held while requests wait for the load: without one it is given up after a while. */
  visit: AbortController | null;
  latest: LoadProgress;
}

/** Keeps a load wanted while requests wait for it, and tells them how far it is. */
export function visitWhile(server: LivingServer, isWaitedFor: boolean, tell: (progress: LoadProgress) => void): void {
  if (isWaitedFor === (server.visit !== null)) return;
  server.visit?.abort();
  server.visit = null;
  if (!isWaitedFor) return;
  server.visit = new AbortController();
  const onProgress = (progress: LoadProgress): void => {
    server.latest = progress;
    tell(progress);
  };
  // How it ends is told by `whenReady`.
  server.supervisor.ready(server.visit.signal, onProgress).catch(() => undefined);
}

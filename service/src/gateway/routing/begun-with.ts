import type { Asker } from "../asker.ts";
import type { Target } from "../background.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import type { BegunWith, SessionKey } from "./session-affinity.ts";

interface Conversation {
  readonly name: string | null;
  readonly asker: Asker;
}

type Sessions = Pick<GatewayDependencies, "sessions">;

export function begunWith({ sessions }: Sessions, conversation: Conversation): BegunWith | null {
  const key = keyOf(conversation);
  return key === null ? null : (sessions?.find(key) ?? null);
}

export function noteBegun({ sessions }: Sessions, conversation: Conversation, begun: BegunWith): void {
  const key = keyOf(conversation);
  if (key !== null) sessions?.note(key, begun);
}

/** A model that got a newer revision meanwhile goes on with the one that the session began with, while that is loaded. */
export function withBegunRevision(
  { pool }: { readonly pool: Pick<GatewayDependencies["pool"], "loaded"> },
  begun: BegunWith | null,
  target: Target,
): Target {
  const { profile, revision } = target;
  if (begun === null || begun.revision === null || begun.profileId !== profile.id || revision !== "main") return target;
  const isLoaded = pool
    .loaded()
    .some(
      (server) => server.profileId === profile.id && server.revision === begun.revision && server.state === "ready",
    );
  return isLoaded ? { profile, revision: begun.revision } : target;
}

function keyOf({ name, asker: { session } }: Conversation): SessionKey | null {
  return session === null || session === undefined ? null : { session, name };
}

import type { Asker } from "../asker.ts";
import type { Target } from "../background.ts";
import type { GatewayDependencies } from "../dependencies.ts";

/** What a session's first request was answered by. */
export interface BegunWith {
  readonly profileId: string;
  /** The commit; null where there is none. */
  readonly revision: string | null;
}

/** One conversation of one client with one name: its side requests under other names have their own. */
export interface SessionKey {
  readonly client: string;
  readonly session: string;
  readonly name: string | null;
}

/**
 * Where sessions began, so that what an engine has cached of them is found again. In memory alone: after a restart
 * nothing is cached anywhere.
 */
export interface SessionAffinity {
  find(key: SessionKey): BegunWith | null;
  /** Also again with what it began with: sessions that are used last longest. */
  note(key: SessionKey, begun: BegunWith): void;
}

const mostSessions = 1000;

export function createSessionAffinity(most = mostSessions): SessionAffinity {
  const sessions = new Map<string, BegunWith>();
  return {
    find: (key) => sessions.get(textOf(key)) ?? null,
    note(key, begun) {
      const text = textOf(key);
      sessions.delete(text);
      sessions.set(text, begun);
      const [oldest] = sessions.keys();
      if (sessions.size > most && oldest !== undefined) sessions.delete(oldest);
    },
  };
}

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
  { pool }: Pick<GatewayDependencies, "pool">,
  begun: BegunWith | null,
  target: Target,
): Target {
  const { profile, revision } = target;
  if (begun === null || begun.revision === null || begun.profileId !== profile.id || revision !== "main") return target;
  const isLoaded = pool.loaded().some(({ profileId, state, ...server }) => {
    return profileId === profile.id && server.revision === begun.revision && state === "ready";
  });
  return isLoaded ? { profile, revision: begun.revision } : target;
}

function keyOf({ name, asker: { client, session } }: Conversation): SessionKey | null {
  return session === null || session === undefined ? null : { client, session, name };
}

function textOf({ client, session, name }: SessionKey): string {
  return JSON.stringify([client, session, name]);
}

/** What a session's first request was answered by. */
export interface BegunWith {
  readonly profileId: string;
  /** The commit; null where there is none. */
  readonly revision: string | null;
}

/** One conversation with one name: its side requests under other names have their own. */
export interface SessionKey {
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

function textOf({ session, name }: SessionKey): string {
  return JSON.stringify([session, name]);
}

import { sampleTypes, topicOf } from "../contract/events.ts";
import type { EventPayload, EventTopic, EventType, ServerEvent } from "../contract/events.ts";
import { timestamp } from "./clock.ts";
import type { Clock } from "./clock.ts";

/** The one bus. Owners publish after their transaction has committed; listeners never throw into a publisher. */
export interface Events {
  publish<Type extends EventType>(type: Type, data: EventPayload<Type>): void;
  /** Publishes at most twice a second and subject, the latest sample wins. `flush` drops what waits when the state moves on. */
  sample<Type extends EventType>(type: Type, subject: string, data: EventPayload<Type>): void;
  listen(listener: (event: ServerEvent) => void): () => void;
  /** Events after `lastId`, or null when the id is of another boot or has left the ring: take a new snapshot then. */
  since(lastId: string, topics: ReadonlySet<EventTopic>): ServerEvent[] | null;
  close(): void;
}

export interface EventsOptions {
  readonly clock: Clock;
  /** Differs at every start, so that an id of an earlier run is never taken for one of this. */
  readonly boot: string;
  readonly ringSize?: number;
  readonly onListenerError: (error: unknown) => void;
}

const sampleIntervalMs = 500;

/** The samples of one subject and type: when the last one went out, and the newest that waits. */
interface Samples {
  sentAt: number;
  cancel?: () => void;
  waiting?: () => void;
}

export function createEvents({ clock, boot, ringSize = 2000, onListenerError }: EventsOptions): Events {
  const ring: ServerEvent[] = [];
  const listeners = new Set<(event: ServerEvent) => void>();
  const samples = new Map<string, Samples>();
  let sequence = 0;

  const emit = (event: ServerEvent): void => {
    ring.push(event);
    if (ring.length > ringSize) ring.shift();
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        onListenerError(error);
      }
    }
  };

  const publish: Events["publish"] = (type, data) => {
    sequence += 1;
    emit({ id: `${boot}-${sequence}`, type, at: timestamp(clock), data } as ServerEvent);
    // A state change overtakes the samples of its subject: a late "downloading 40 %" must not follow "completed".
    if (!sampleTypes.has(type)) forget(samples, clock, topicOf[type], (data as { id?: string }).id);
  };

  return {
    publish,
    sample(type, subject, data) {
      const key = `${topicOf[type]}/${subject}/${type}`;
      const entry = samples.get(key) ?? { sentAt: -Infinity };
      samples.set(key, entry);
      const send = () => {
        delete entry.cancel;
        delete entry.waiting;
        entry.sentAt = clock.monotonic();
        publish(type, data);
      };
      const idle = clock.monotonic() - entry.sentAt;
      if (idle >= sampleIntervalMs && !entry.cancel) return send();
      entry.waiting = send;
      entry.cancel ??= clock.after(sampleIntervalMs - idle, () => entry.waiting?.());
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    since(lastId, topics) {
      const position = ring.findIndex((event) => event.id === lastId);
      if (position === -1) return lastId === `${boot}-${sequence}` ? [] : null;
      return ring.slice(position + 1).filter((event) => topics.has(topicOf[event.type]));
    },
    close() {
      for (const entry of samples.values()) entry.cancel?.();
      samples.clear();
      listeners.clear();
    },
  };
}

/** Drops what waits of the subject. When its last sample was is kept for a while: the pace holds across a change. */
function forget(samples: Map<string, Samples>, clock: Clock, topic: EventTopic, subject: string | undefined): void {
  if (subject === undefined) return;
  for (const [key, entry] of samples) {
    if (!key.startsWith(`${topic}/${subject}/`)) continue;
    entry.cancel?.();
    delete entry.waiting;
    entry.cancel = clock.after(sampleIntervalMs, () => {
      delete entry.cancel;
      if (entry.waiting) entry.waiting();
      else samples.delete(key);
    });
  }
}

import type { Connection } from "./connection.ts";
import { ApiError } from "./errors.ts";
import { openStream } from "./open-stream.ts";
import type { EventMessage, Snapshot } from "./schemas.ts";
import { createSseParser } from "./sse.ts";

export type Topic = "downloads" | "engines" | "hub" | "jobs" | "models" | "profiles" | "servers" | "settings";

export interface EventListener {
  /** Replaces everything known of the topics. */
  onSnapshot(snapshot: Snapshot): void;
  onEvent(event: EventMessage): void;
  /** The stream ended or was never had; it is tried again after `waitMs`. */
  onInterrupted(error: unknown, waitMs: number): void;
}

export interface FollowOptions {
  connection: Connection;
  topics: readonly Topic[];
  signal: AbortSignal;
  /** Resolves after `ms`, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** Silence after which the stream counts as dead; the service's heartbeat is 15 s. */
  silenceMs?: number;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

/** Follows the service's state until the signal aborts: a snapshot, then changes; resumes where a stream broke. */
export async function followEvents(options: FollowOptions, listener: EventListener): Promise<void> {
  const { signal, wait } = options;
  const position: { lastId: string | undefined } = { lastId: undefined };
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted) {
    let failure: unknown = new ApiError("network", "The service closed the stream of events.", { code: "closed" });
    try {
      for await (const message of readEvents(options, position)) {
        waitMs = FIRST_WAIT_MS;
        if (signal.aborted) return;
        if ("snapshot" in message) listener.onSnapshot(message.snapshot);
        else listener.onEvent(message.event);
      }
    } catch (error) {
      failure = error;
    }
    if (signal.aborted) return;
    listener.onInterrupted(failure, waitMs);
    await wait(waitMs, signal);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}

type Message = { snapshot: Snapshot } | { event: EventMessage };

async function* readEvents(
  { connection, topics, signal, silenceMs = 45_000 }: FollowOptions,
  position: { lastId: string | undefined },
): AsyncGenerator<Message> {
  const silence = new AbortController();
  const watchdog = setTimeout(() => silence.abort(), silenceMs);
  const parse = createSseParser();
  try {
    const stream = openStream({
      connection,
      path: `/api/events?topics=${topics.join(",")}`,
      signal: AbortSignal.any([signal, silence.signal]),
      headers: {
        accept: "text/event-stream",
        ...(position.lastId === undefined ? {} : { "last-event-id": position.lastId }),
      },
    });
    for await (const text of stream) {
      watchdog.refresh();
      for (const message of parse(text)) {
        if (message.kind === "comment") continue;
        if (message.id !== undefined) position.lastId = message.id;
        if (message.event === "snapshot") yield { snapshot: JSON.parse(message.data) as Snapshot };
        else yield { event: JSON.parse(message.data) as EventMessage };
      }
    }
  } finally {
    clearTimeout(watchdog);
  }
}

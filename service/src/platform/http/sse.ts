import type { Response } from "express";
import type { Clock } from "../clock.ts";

export interface EventStream {
  /** Writes one event; false when the client is too slow and the stream was closed. */
  send(event: { id?: string; event?: string; data: unknown }): boolean;
  /**
   * Ends the opening: what was sent before it (a snapshot, missed events) may be larger than the queue and counts
   * only once the client has read it. Else a large library would be sent, cut and asked for again for ever.
   */
  opened(): void;
  comment(text: string): void;
  close(): void;
  readonly closed: boolean;
}

export interface EventStreamOptions {
  readonly clock: Clock;
  readonly heartbeatMs?: number;
  /** At most this much may wait for the client; then the stream is closed and the client reconnects. */
  readonly queueLimitBytes?: number;
  readonly onClose?: () => void;
}

/** A server-sent event stream with heartbeat and a bounded queue. */
export function openEventStream(response: Response, options: EventStreamOptions): EventStream {
  const { clock, heartbeatMs = 15_000, queueLimitBytes = 1024 * 1024 } = options;
  let closed = false;
  let opening = 0;
  let isOpening = true;
  let cancelBeat: () => void = () => undefined;
  response.status(200).set({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  response.flushHeaders();

  const finish = () => {
    if (closed) return;
    closed = true;
    cancelBeat();
    options.onClose?.();
  };
  const write = (text: string): boolean => {
    if (closed) return false;
    response.write(text);
    if (isOpening) return true;
    // What is left of the opening can only become less.
    opening = Math.min(opening, response.writableLength);
    if (response.writableLength <= queueLimitBytes + opening) return true;
    finish();
    response.destroy();
    return false;
  };
  const beat = () => {
    cancelBeat = clock.after(heartbeatMs, () => {
      if (write(": heartbeat\n\n")) beat();
    });
  };
  response.once("close", finish);
  beat();

  return {
    send: ({ id, event, data }) => write(formatEvent(id, event, data)),
    opened: () => {
      isOpening = false;
      opening = response.writableLength;
    },
    comment: (text) => void write(`: ${text.replace(/[\r\n]+/g, " ")}\n\n`),
    close: () => {
      if (closed) return;
      finish();
      response.end();
    },
    get closed() {
      return closed;
    },
  };
}

function formatEvent(id: string | undefined, event: string | undefined, data: unknown): string {
  const head = `${id === undefined ? "" : `id: ${id}\n`}${event === undefined ? "" : `event: ${event}\n`}`;
  // JSON never holds a raw newline, so one data line is enough.
  return `${head}data: ${JSON.stringify(data)}\n\n`;
}

import type { ServerResponse } from "node:http";
import type { Clock } from "../platform/clock.ts";
import { AppError, isAppError } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { fromErrorPart } from "./failures.ts";
import { isLast } from "./parts.ts";
import type { ErrorPart, Part, PartStream } from "./parts.ts";
import type { StreamWriter } from "./stream-writer.ts";

export interface DeliveryOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Sees what the client gets, in order; for the request row. */
  readonly onParts: (parts: readonly Part[]) => void;
  readonly onFailure: (error: AppError) => void;
}

/** Soon enough that a client knows it is being served, late enough that quick refusals keep their own status. */
const firstBeatMs = 1000;
const beatMs = 10_000;
/** A client that takes nothing for so long is gone, whatever its connection says: it holds a place at the engine. */
const readDeadlineMs = 300_000;

/**
 * Writes a stream to a client: one socket write for each array, then waits for the socket, so that the engine is
 * read no faster than the client reads. Headers go out with the first text.
 * @throws AppError for what failed before that; later failures are the protocol's error event. The client's leaving
 * ends it quietly.
 */
export async function deliverStream(
  response: ServerResponse,
  parts: PartStream,
  writer: StreamWriter,
  options: DeliveryOptions,
): Promise<void> {
  const { signal } = options;
  const socket = createOutput(response, options.clock, writer);
  try {
    for await (const array of parts) {
      if (signal.aborted) return;
      if (!response.headersSent) refuseIfFailed(array);
      options.onParts(array);
      const text = writer.write(array);
      const last = array.at(-1);
      // The client need not wait until everything here is put away.
      if (last && isLast(last)) socket.end(text);
      else if (text !== "") await socket.send(text, signal);
    }
    if (!signal.aborted && !response.writableEnded) response.end();
  } catch (error) {
    if (signal.aborted) return;
    if (response.writableEnded) return options.log.error({ error }, "a stream failed after its end");
    if (!response.headersSent) throw error;
    if (!isAppError(error)) options.log.error({ error }, "a stream failed after its headers");
    const known = isAppError(error) ? error : new AppError("internal", "Internal error. See the service log.");
    options.onFailure(known);
    response.end(writer.error(known));
  } finally {
    socket.stop();
  }
}

function refuseIfFailed(parts: readonly Part[]): void {
  const failure = parts.find((part): part is ErrorPart => part.type === "error");
  if (failure && !parts.some(({ type }) => type === "block-delta")) throw fromErrorPart(failure);
}

function createOutput(response: ServerResponse, clock: Clock, { contentType, heartbeat }: StreamWriter) {
  let cancelBeat: () => void = () => undefined;
  let isWaiting = false;
  let lastWrite = clock.monotonic();

  const open = (): void => {
    if (response.headersSent) return;
    response.writeHead(200, {
      "content-type": contentType,
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
  };
  const giveUpLate = (): (() => void) => clock.after(readDeadlineMs, () => response.destroy());
  const write = (text: string): boolean => {
    open();
    lastWrite = clock.monotonic();
    return response.write(text);
  };
  // One timer that looks back, instead of one moved at every token.
  const beat = (milliseconds: number): void => {
    cancelBeat = clock.after(milliseconds, () => {
      const quiet = clock.monotonic() - lastWrite;
      const isDue = !response.headersSent || quiet >= beatMs;
      // A client that does not read has enough unread already.
      if (isDue && !isWaiting && !response.destroyed) write(typeof heartbeat === "string" ? heartbeat : heartbeat());
      beat(isDue ? beatMs : beatMs - quiet);
    });
  };
  beat(firstBeatMs);

  return {
    async send(text: string, signal: AbortSignal): Promise<void> {
      if (write(text)) return;
      isWaiting = true;
      const cancel = giveUpLate();
      await drained(response, signal);
      cancel();
      isWaiting = false;
    },
    end(text: string): void {
      open();
      response.end(text);
      if (response.writableNeedDrain) response.once("close", giveUpLate());
    },
    stop: () => cancelBeat(),
  };
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      response.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    response.once("drain", done);
    signal.addEventListener("abort", done, { once: true });
  });
}

import type { Dispatcher } from "undici";
import type { Clock } from "../../../../platform/clock.ts";
import type { Answer } from "../../../hub/index.ts";

/** One request and its answer, as far as it was read. Fed by the HTTP client without a stream in between: each copy counts. */
export interface Exchange {
  readonly answer: Answer;
  /**
   * The next bytes, as many as `batchBytes` or what came in a quarter of a second; null at the end of the body.
   * @throws what broke the connection, `stalled` when nothing came for too long, or the reason of the signal.
   */
  take(): Promise<Batch | null>;
  /** Reads a short rest, so that the connection can serve again, and closes it over a long one. */
  drain(): Promise<void>;
  /** Closes the connection. After the end of the body: nothing. */
  abort(): void;
}

export interface Batch {
  readonly chunks: Buffer[];
  readonly bytes: number;
}

export interface ExchangeOptions {
  readonly dispatcher: Dispatcher;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly stallMs: number;
  /** From here on the connection is not read until somebody takes. */
  readonly batchBytes: () => number;
  readonly onReceived: (bytes: number) => void;
}

/** What ends a connection over which nothing comes. */
export const stalled = new DOMException("No byte came for too long.", "TimeoutError");
const unwanted = new DOMException("No longer needed.", "AbortError");
const flushMs = 250;
const drainBytes = 64 * 1024;

/** Sends a GET and resolves with the head of the answer. Throws as `take` does. */
export async function exchange(options: ExchangeOptions): Promise<Exchange> {
  const { dispatcher, address, headers, signal, clock, stallMs, batchBytes, onReceived } = options;
  signal.throwIfAborted();
  let controller: Dispatcher.DispatchController | null = null;
  let head: Answer | null = null;
  let chunks: Buffer[] = [];
  let pending = 0;
  let takenAt = clock.monotonic();
  let heardAt = takenAt;
  let isEnded = false;
  let failure: unknown = null;
  let wake: (() => void) | null = null;

  const stop = (reason: unknown): void => {
    if (isEnded || failure !== null) return;
    failure = reason;
    signal.removeEventListener("abort", abort);
    controller?.abort(reason as Error);
    wake?.();
  };
  const abort = () => stop(signal.reason);
  signal.addEventListener("abort", abort, { once: true });

  const { origin, pathname, search } = new URL(address);
  dispatcher.dispatch(
    { origin, path: pathname + search, method: "GET", headers },
    {
      onRequestStart(started) {
        controller = started;
        if (failure !== null) started.abort(failure as Error);
      },
      onResponseStart(_, status, fields) {
        if (status < 200) return;
        heardAt = clock.monotonic();
        head = { status, header: (name) => firstOf(fields[name]) };
        wake?.();
      },
      onResponseData(reading, chunk) {
        heardAt = clock.monotonic();
        chunks.push(chunk);
        pending += chunk.length;
        onReceived(chunk.length);
        if (pending >= batchBytes()) reading.pause();
        if (pending >= batchBytes() || heardAt - takenAt >= flushMs) wake?.();
      },
      onResponseEnd() {
        isEnded = true;
        signal.removeEventListener("abort", abort);
        wake?.();
      },
      onResponseError(_, error) {
        signal.removeEventListener("abort", abort);
        failure ??= error;
        wake?.();
      },
    },
  );

  /** Until there is something to tell. Only this waiting counts as silence of the server, not our own slowness. */
  const news = async (isNews: () => boolean): Promise<void> => {
    heardAt = clock.monotonic();
    while (!isNews() && !isEnded && failure === null) {
      const woken = Promise.withResolvers<void>();
      wake = woken.resolve;
      const cancel = clock.after(Math.min(flushMs, stallMs), woken.resolve);
      await woken.promise;
      cancel();
      wake = null;
      if (pending === 0 && clock.monotonic() - heardAt >= stallMs) stop(stalled);
      else if (pending > 0) return;
    }
  };
  const give = (): Batch => {
    const batch = { chunks, bytes: pending };
    chunks = [];
    pending = 0;
    takenAt = clock.monotonic();
    // May bring the next bytes at once.
    if (controller?.paused) controller.resume();
    return batch;
  };

  await news(() => head !== null);
  if (head === null) throw failure ?? new Error("The answer has no head.");
  const answer: Answer = head;
  return {
    answer,
    async take() {
      await news(() => pending >= batchBytes());
      if (pending > 0) return give();
      if (failure !== null) throw failure;
      return null;
    },
    async drain() {
      for (let left = drainBytes; left > 0 && !isEnded && failure === null;) {
        await news(() => pending > 0);
        left -= give().bytes;
      }
      stop(unwanted);
    },
    abort: () => stop(unwanted),
  };
}

function firstOf(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

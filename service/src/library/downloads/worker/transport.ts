import { request } from "undici";
import type { Dispatcher } from "undici";
import type { Clock } from "../../../platform/clock.ts";
import { wait } from "../../../platform/clock.ts";
import { AppError, isAppError } from "../../../platform/errors.ts";
import {
  answerFailure,
  connectionFailure,
  createDispatchers,
  isOnEndpoint,
  offline,
  repositoryOf,
  secondsAsked,
} from "../../hub/index.ts";
import type { Answer, TransportSettings } from "../../hub/index.ts";
import { bodyStart, wrongBytes } from "./answer-check.ts";
import { TransferFault } from "./retry.ts";
import { watchStalls } from "./stall-watch.ts";
import type { StallWatch } from "./stall-watch.ts";

/** Bytes of one repository's files at one commit. */
export interface Transport {
  /**
   * Asks for the bytes `[start, end)` of a file.
   * @throws TransferFault, or the reason of `signal`.
   */
  open(segment: Segment, signal: AbortSignal): Promise<SegmentBody>;
  close(): Promise<void>;
}

export interface Segment {
  readonly path: string;
  readonly sizeBytes: number;
  readonly start: number;
  readonly end: number;
}

export interface SegmentBody {
  /** Where the bytes really begin: 0 when the server ignored the range. */
  readonly start: number;
  /** Of the last answer; another one on the next segment means another content. */
  readonly etag: string | null;
  /** Ends early when the server does. Throws as `open` does. Leaving the loop closes the connection. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** For a body that is not going to be read. */
  discard(): void;
}

export interface TransportOptions {
  readonly settings: TransportSettings;
  readonly model: string;
  readonly commit: string;
  readonly clock: Clock;
  readonly random: () => number;
}

const redirectLimit = 6;
const redirects = new Set([301, 302, 303, 307, 308]);
/** What storage answers to an address whose signature has expired. */
const expired = new Set([400, 401, 403, 404, 410]);

export function createTransport({ settings, model, commit, clock, random }: TransportOptions): Transport {
  const { endpoint, token, userAgent, segmentStallMs } = settings;
  const repository = repositoryOf(model);
  const dispatchers = createDispatchers({ proxy: settings.proxy, caFile: settings.caFile });
  /** Signed addresses by path: resolved once, kept until storage refuses them. */
  const signed = new Map<string, string>();
  let hubOpensAt = 0;

  const addressOf = (path: string): string =>
    `${endpoint}/${repository}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;

  /** The Hub asked everybody to wait: nobody asks again before that, or all would be refused together. */
  const hubIsOpen = async (signal: AbortSignal): Promise<void> => {
    for (let left = hubOpensAt - clock.monotonic(); left > 0; left = hubOpensAt - clock.monotonic()) {
      await wait(clock, left, signal);
    }
  };

  const send = async (address: string, segment: Segment, watch: StallWatch): Promise<Dispatcher.ResponseData> => {
    const isHub = isOnEndpoint(address, endpoint);
    if (isHub) await hubIsOpen(watch.signal);
    watch.arm();
    try {
      return await request(address, {
        dispatcher: dispatchers.forUrl(address),
        signal: watch.signal,
        highWaterMark: 512 * 1024,
        headers: {
          accept: "*/*",
          "accept-encoding": "identity",
          "user-agent": userAgent,
          ...(segment.start > 0 || segment.end < segment.sizeBytes
            ? { range: `bytes=${segment.start}-${segment.end - 1}` }
            : {}),
          ...(isHub && token !== null ? { authorization: `Bearer ${token}` } : {}),
          ...(isHub ? { "x-hf-download-counter": "1" } : {}),
        },
      });
    } finally {
      watch.disarm();
    }
  };

  const refuse = (answer: Answer, address: string, path: string): TransferFault => {
    if (!isOnEndpoint(address, endpoint) && expired.has(answer.status)) {
      signed.delete(path);
      return new TransferFault(
        new AppError("hub_unreachable", "The Hub's storage refuses the download. Try again in a moment.", {
          details: { status: answer.status },
        }),
      );
    }
    const failure = answerFailure(answer, { endpoint, repository, hadToken: token !== null });
    if (answer.status === 429) {
      const seconds = secondsAsked(answer) ?? 5;
      // A second more: the window's end is rounded down on its way here.
      const waitMs = (seconds + 0.2 + random() * 0.8) * 1000;
      if (isOnEndpoint(address, endpoint)) hubOpensAt = Math.max(hubOpensAt, clock.monotonic() + waitMs);
      return new TransferFault(failure, { waitMs });
    }
    const isPassing = answer.status === 408 || answer.status >= 500 || failure.code === "endpoint_not_a_hub";
    return new TransferFault(failure, { isFinal: !isPassing, waitMs: (secondsAsked(answer) ?? 0) * 1000 });
  };

  const follow = async (segment: Segment, watch: StallWatch): Promise<SegmentBody> => {
    let address = signed.get(segment.path) ?? addressOf(segment.path);
    for (let hop = 0; hop <= redirectLimit; hop += 1) {
      const response = await send(address, segment, watch);
      const answer = toAnswer(response);
      if (response.statusCode === 200 || response.statusCode === 206) {
        if (!isOnEndpoint(address, endpoint)) signed.set(segment.path, address);
        const start = checkedStart(answer, response, segment, endpoint);
        const from = address;
        return {
          start,
          etag: answer.header("etag"),
          bytes: bytesOf(response, watch, (error) => asFault(error, from)),
          discard() {
            watch.close();
            destroy(response);
          },
        };
      }
      const location = redirects.has(response.statusCode) ? answer.header("location") : null;
      // Read to its end, so that the connection can be used again.
      await response.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
      if (location === null) {
        if (response.statusCode === 416)
          throw new TransferFault(wrongBytes("no such range").failure, { isRestart: true });
        throw refuse(answer, address, segment.path);
      }
      address = redirectTarget(location, address);
    }
    throw wrongBytes("redirects in a circle");
  };

  const asFault = (error: unknown, address: string): unknown => {
    if (error instanceof TransferFault) return error;
    if (isAppError(error)) return new TransferFault(error, { isFinal: true });
    const failure = connectionFailure(error, new URL(address).origin, dispatchers.isProxied(address));
    return new TransferFault(failure, { isFinal: failure.code === "tls_failed" });
  };

  return {
    async open(segment, signal) {
      if (settings.offline) throw new TransferFault(offline(), { isFinal: true });
      const watch = watchStalls(clock, segmentStallMs, signal);
      try {
        return await follow(segment, watch);
      } catch (error) {
        watch.abort();
        watch.close();
        if (signal.aborted) throw signal.reason;
        if (watch.isStalled()) throw stalled();
        throw asFault(error, signed.get(segment.path) ?? addressOf(segment.path));
      }
    },
    close: () => dispatchers.close(),
  };
}

async function* bytesOf(
  response: Dispatcher.ResponseData,
  watch: StallWatch,
  asFault: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  let isWhole = false;
  try {
    watch.arm();
    for await (const chunk of response.body) {
      watch.disarm();
      yield chunk as Uint8Array;
      watch.arm();
    }
    isWhole = true;
  } catch (error) {
    if (watch.isStalled()) throw stalled();
    if (watch.signal.aborted) throw watch.signal.reason;
    throw asFault(error);
  } finally {
    if (!isWhole) destroy(response);
    watch.close();
  }
}

function checkedStart(answer: Answer, response: Dispatcher.ResponseData, segment: Segment, endpoint: string): number {
  try {
    return bodyStart(answer, { ...segment, endpoint });
  } catch (error) {
    destroy(response);
    throw error;
  }
}

/** Closes the connection. The error that this makes of the body is our own doing. */
function destroy(response: Dispatcher.ResponseData): void {
  response.body.on("error", () => undefined).destroy();
}

function toAnswer({ statusCode, headers }: Dispatcher.ResponseData): Answer {
  return {
    status: statusCode,
    header(name) {
      const value = headers[name];
      return (Array.isArray(value) ? value[0] : value) ?? null;
    },
  };
}

function redirectTarget(location: string, from: string): string {
  if (!URL.canParse(location, from)) throw wrongBytes("a redirect to nowhere");
  const target = new URL(location, from);
  if (target.protocol !== "https:" && target.protocol !== "http:") throw wrongBytes("a redirect to nowhere");
  return target.href;
}

function stalled(): TransferFault {
  return new TransferFault(
    new AppError("hub_unreachable", "The Hub stopped sending. Check the network and try again.", {
      details: { reason: "stalled" },
    }),
  );
}

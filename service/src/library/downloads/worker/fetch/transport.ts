import type { Clock } from "../../../../platform/clock.ts";
import { isAppError, systemCode } from "../../../../platform/errors.ts";
import { connectionFailure, createDispatchers, isOnEndpoint, offline, repositoryOf } from "../../../hub/index.ts";
import type { TransportSettings } from "../../../hub/index.ts";
import { createAddresses } from "./addresses.ts";
import type { FoundAddress } from "./addresses.ts";
import { bodyStart, wrongBytes } from "./answer-check.ts";
import { silence } from "./content-failures.ts";
import { exchange, stalled } from "./exchange.ts";
import type { Batch, Exchange } from "./exchange.ts";
import type { Gates } from "./gates.ts";
import { redirectTarget } from "./redirect.ts";
import { refusalOf } from "./refusal.ts";
import { TransferFault } from "./retry.ts";

/** Bytes of one repository's files at one commit. */
export interface Transport {
  /**
   * Asks for the bytes `[start, end)` of a file.
   * @throws TransferFault, or the reason of `signal`.
   */
  open(segment: Segment, signal: AbortSignal, received: (bytes: number) => void): Promise<SegmentBody>;
  close(): Promise<void>;
}

export interface Segment {
  readonly path: string;
  readonly sizeBytes: number;
  readonly start: number;
  readonly end: number;
}

export interface SegmentBody {
  /** Of the last answer; another one on the next segment means another content. */
  readonly etag: string | null;
  /** Null at the end, which comes early when the server ends early. Throws as `open` does. */
  take(): Promise<Batch | null>;
  /** Closes the connection, unless everything came. */
  abort(): void;
}

export interface TransportOptions {
  readonly settings: TransportSettings;
  readonly model: string;
  readonly commit: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly gates: Gates;
  /** How much may lie in memory before it is taken. */
  readonly batchBytes: () => number;
}

const redirectLimit = 6;
const redirects = new Set([301, 302, 303, 307, 308]);

export function createTransport(options: TransportOptions): Transport {
  const { settings, model, commit, clock, random, gates, batchBytes } = options;
  const { endpoint, token, userAgent, segmentStallMs: stallMs } = settings;
  const repository = repositoryOf(model);
  const dispatchers = createDispatchers({ proxy: settings.proxy, caFile: settings.caFile });
  const addresses = createAddresses(
    (path) => `${endpoint}/${repository}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`,
  );

  const headersFor = (address: string, { start, end, sizeBytes }: Segment): Record<string, string> => ({
    accept: "*/*",
    "accept-encoding": "identity",
    "user-agent": userAgent,
    ...(start > 0 || end < sizeBytes ? { range: `bytes=${start}-${end - 1}` } : {}),
    ...(isOnEndpoint(address, endpoint) ? { "x-hf-download-counter": "1" } : {}),
    // Only ever to the Hub itself.
    ...(isOnEndpoint(address, endpoint) && token !== null ? { authorization: `Bearer ${token}` } : {}),
  });

  const asFault = (error: unknown, address: string, signal: AbortSignal): unknown => {
    if (signal.aborted) return signal.reason;
    if (error instanceof TransferFault) return error;
    if (error === stalled) return new TransferFault(silence(), { isTrouble: true });
    if (isAppError(error)) return new TransferFault(error, { isFinal: true });
    const failure = connectionFailure(error, new URL(address).origin, dispatchers.isProxied(address));
    const isReset = systemCode(error) === "ECONNRESET";
    return new TransferFault(failure, { isFinal: failure.code === "tls_failed", isTrouble: true, isReset });
  };

  /** One request, when its server lets us, and what the server says to it. */
  const ask = async (address: string, segment: Segment, signal: AbortSignal, received: (bytes: number) => void) => {
    const entered = await gates.enter(new URL(address).origin, signal);
    try {
      const opened = await exchange({
        ...{ address, signal, clock, stallMs, batchBytes },
        dispatcher: dispatchers.forUrl(address),
        headers: headersFor(address, segment),
        onReceived: received,
      });
      const { answer } = opened;
      if (answer.status < 300 || redirects.has(answer.status)) return opened;
      const hadToken = token !== null;
      const fault = refusalOf(answer, { address, endpoint, repository, hadToken, random: random() });
      const { waitMs = 0 } = fault.facts;
      if (waitMs > 0) entered(waitMs);
      await opened.drain();
      throw fault;
    } catch (error) {
      throw asFault(error, address, signal);
    } finally {
      entered(null);
    }
  };

  const follow = async (
    segment: Segment,
    found: FoundAddress,
    signal: AbortSignal,
    received: (bytes: number) => void,
  ): Promise<SegmentBody> => {
    let { address } = found;
    for (let hop = 0; hop <= redirectLimit; hop += 1) {
      const opened = await ask(address, segment, signal, received).catch((error: unknown) => {
        throw expiryOf(error, segment.path, found, address);
      });
      const location = redirects.has(opened.answer.status) ? opened.answer.header("location") : null;
      if (location === null) {
        checkAnswer(opened, segment, endpoint);
        found.learn(address);
        found.works();
        return bodyOf(opened, (error) => asFault(error, address, signal));
      }
      await opened.drain();
      address = redirectTarget(location, address, endpoint);
      // Storage is the end of the way: the others need not wait for its answer.
      if (!isOnEndpoint(address, endpoint)) found.learn(address);
    }
    throw wrongBytes("redirects in a circle");
  };
  /** An old address is forgotten. One that never worked is a refusal like any other. */
  const expiryOf = (error: unknown, path: string, found: FoundAddress, address: string): unknown => {
    if (!(error instanceof TransferFault) || error.facts.isExpired !== true) return error;
    const hadWorked = addresses.expire(path, address);
    return hadWorked && found.isKnown ? error : new TransferFault(error.failure);
  };

  return {
    async open(segment, signal, received) {
      if (settings.offline) throw new TransferFault(offline(), { isFinal: true });
      const found = await addresses.find(segment.path, signal);
      try {
        return await follow(segment, found, signal, received);
      } finally {
        found.learn(null);
      }
    },
    close: () => dispatchers.close(),
  };
}

/** Throws for a head that cannot be of these bytes; nothing of it is read then. */
function checkAnswer(opened: Exchange, segment: Segment, endpoint: string): void {
  try {
    const start = bodyStart(opened.answer, { ...segment, endpoint });
    const isRanged = segment.start > 0 || segment.end < segment.sizeBytes;
    if (isRanged && opened.answer.status === 200)
      throw new TransferFault(wrongBytes("whole files where a part was asked for").failure, { isWhole: true });
    if (start !== segment.start) throw wrongBytes("another range than asked for");
  } catch (error) {
    opened.abort();
    throw error;
  }
}

function bodyOf(opened: Exchange, asFault: (error: unknown) => unknown): SegmentBody {
  return {
    etag: opened.answer.header("etag"),
    abort: () => opened.abort(),
    take: () =>
      opened.take().catch((error: unknown) => {
        throw asFault(error);
      }),
  };
}

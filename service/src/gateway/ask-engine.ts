import { request as sendPlain } from "node:http";
import type { IncomingMessage } from "node:http";
import { undici } from "../platform/undici.ts";
import type { GatewayLease } from "./dependencies.ts";
import type { EngineBytes } from "./engines/sse-parts.ts";
import { createSpareConnections } from "./spare-connections.ts";
import type { EngineAddress } from "./spare-connections.ts";

export interface EngineAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: EngineBytes;
}

interface EngineQuestion {
  /** Added to the address of the lease. */
  readonly path: string;
  /** JSON. */
  readonly body: string;
}

/**
 * Sends one request to a leased engine. The signal destroys the connection at any time.
 * @throws the signal's reason, or the system's error where there is no connection or it breaks before the answer.
 */
export function askEngine(lease: GatewayLease, question: EngineQuestion, signal: AbortSignal): Promise<EngineAnswer> {
  const { url, engine, headers, dispatcher } = lease;
  const to = { url: `${url}${question.path}`, headers: { ...headers, "content-type": "application/json" } };
  if (engine !== "remote") return askHere(to, question.body, signal);
  return undici.request(to.url, { method: "POST", headers: to.headers, body: question.body, dispatcher, signal });
}

const connections = createSpareConnections();

/**
 * Engines of this machine: `mlx_lm.server` closes each connection, and a new one costs Node's own client half of what it
 * costs the library that knows proxies, certificates and circuits. There is no agent: what it keeps would be closed.
 */
function askHere(
  { url, headers }: { url: string; headers: Readonly<Record<string, string>> },
  body: string,
  signal: AbortSignal,
): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const { path, hostHeader, address } = placeOf(url);
    const sent = sendPlain({
      ...{ method: "POST", path, headers: linesOf({ host: hostHeader, ...headers }, body) },
      createConnection: () => connections.take(address),
    });
    const leave = (): void => {
      sent.destroy();
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", leave, { once: true });
    sent.on("error", (error) => {
      signal.removeEventListener("abort", leave);
      reject(error);
    });
    sent.once("response", (message) => {
      signal.removeEventListener("abort", leave);
      resolve({ statusCode: message.statusCode ?? 0, headers: message.headers, body: bytesOf(message, signal) });
    });
    sent.end(body);
  });
}

interface EnginePlace {
  readonly url: string;
  readonly path: string;
  readonly hostHeader: string;
  readonly address: EngineAddress;
}

/** Where the last request went: mostly it is where the next one goes. */
let last: EnginePlace | null = null;

function placeOf(url: string): EnginePlace {
  if (last?.url === url) return last;
  const { hostname, host, port, pathname, search } = new URL(url);
  const address = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port === "" ? 80 : port) };
  last = { url, path: `${pathname}${search}`, hostHeader: host, address };
  return last;
}

/** Names and values in turns: Node checks and copies an object's once more. */
function linesOf(headers: Readonly<Record<string, string>>, body: string): string[] {
  const lines = ["content-length", String(Buffer.byteLength(body))];
  for (const name in headers) lines.push(name, headers[name] ?? "");
  return lines;
}

/** What may wait here for its reader; the socket's own buffer holds the rest, and then the engine waits. */
const mostWaitingBytes = 64 * 1024;
/** How long an engine that said its last word may take to close. */
const closingMs = 2000;

/**
 * A message's bytes: what came in meanwhile is one read. A tenth of the cost of the stream's own iterator. A broken
 * connection is an error, its clean end is none.
 */
function bytesOf(message: IncomingMessage, signal: AbortSignal): EngineBytes {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let failure: unknown = null;
  let hasEnded = false;
  let mayClose = false;
  let wake: (() => void) | null = null;

  const notify = (): void => {
    wake?.();
    wake = null;
  };
  const fail = (error: unknown): void => {
    if (hasEnded) return;
    failure ??= error;
    notify();
  };
  const leave = (): void => {
    fail(signal.reason);
    message.destroy();
  };
  message.on("data", (bytes: Buffer) => {
    if (mayClose) return;
    waiting.push(bytes);
    waitingBytes += bytes.length;
    if (waitingBytes > mostWaitingBytes) message.pause();
    notify();
  });
  message.once("end", () => {
    hasEnded = true;
    notify();
  });
  message.on("error", fail);
  message.once("close", () => {
    signal.removeEventListener("abort", leave);
    fail(new Error("The connection to the engine was closed."));
  });
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave, { once: true });

  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    while (waiting.length === 0 && failure === null && !hasEnded)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    const [first, ...more] = waiting;
    if (first !== undefined) {
      const bytes = more.length === 0 ? first : Buffer.concat(waiting);
      waiting = [];
      if (waitingBytes > mostWaitingBytes) message.resume();
      waitingBytes = 0;
      return { done: false, value: bytes };
    }
    if (failure !== null) throw failure as Error;
    return { done: true, value: undefined };
  };
  return {
    endIsNear() {
      mayClose = true;
    },
    [Symbol.asyncIterator]: () => ({
      next,
      return() {
        if (!hasEnded && mayClose) message.setTimeout(closingMs, () => message.destroy()).resume();
        else if (!hasEnded) message.destroy();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}

import type { IncomingMessage, ServerResponse } from "node:http";

import type { HubState } from "./hub-state.ts";
import type { RecordedRequest } from "./request-log.ts";

/** One request being answered: what every route gets. */
export interface Exchange {
  state: HubState;
  request: IncomingMessage;
  response: ServerResponse;
  record: RecordedRequest;
  /** Raw path segments, still percent-encoded. */
  segments: string[];
}

export type Headers = Record<string, string>;

/** Send a complete answer; JSON unless `body` is a string. */
export function answer(exchange: Exchange, status: number, body: unknown, headers: Headers = {}): void {
  const isText = typeof body === "string";
  const bytes = Buffer.from(isText ? body : JSON.stringify(body));
  exchange.response.writeHead(status, {
    "content-type": isText ? "text/plain; charset=utf-8" : "application/json; charset=utf-8",
    "content-length": String(bytes.length),
    ...headers,
  });
  exchange.response.end(exchange.request.method === "HEAD" ? undefined : bytes);
  if (exchange.request.method !== "HEAD") exchange.record.bytesSent += bytes.length;
}

/** A refusal as the Hub words it: JSON body, code and text repeated in headers. */
export function refuse(
  exchange: Exchange,
  status: number,
  code: string | undefined,
  message: string,
  headers: Headers = {},
): void {
  answer(
    exchange,
    status,
    { error: message },
    { ...(code ? { "x-error-code": code } : {}), "x-error-message": message, ...headers },
  );
}

/** `location` may be relative; a foreign-link fault turns it into an address elsewhere. */
export function redirect(exchange: Exchange, status: number, location: string, headers: Headers = {}): void {
  answer(exchange, status, `Redirecting to ${location}`, { location: publicAddress(exchange, location), ...headers });
}

/** `Link: <absolute>; rel="next"` for the same request with another cursor. */
export function nextLink(exchange: Exchange, cursor: string): string {
  const query = new URLSearchParams(exchange.record.query);
  query.set("cursor", cursor);
  const path = `/${exchange.segments.join("/")}?${query}`;
  return `<${publicAddress(exchange, new URL(path, exchange.state.url()).href)}>; rel="next"`;
}

function publicAddress({ state, record }: Exchange, address: string): string {
  const fault = state.faults.take(record, "foreign-link");
  if (!fault) return address;
  const url = new URL(address, state.url());
  return new URL(url.pathname + url.search, fault.origin).href;
}

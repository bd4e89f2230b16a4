import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

import { serveCdn } from "./cdn.ts";
import { answer, redirect, refuse } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";
import type { HubState } from "./hub-state.ts";
import { rateLimitHeaders } from "./rate-limits.ts";
import type { RateLimitClass } from "./rate-limits.ts";
import type { RecordedRequest } from "./request-log.ts";
import { routeOf } from "./router.ts";
import type { Target } from "./router.ts";
import { cutConnection } from "./send-body.ts";

/** Record one request, let the faults have it first, then answer as the Hub would. */
export async function answerRequest(
  state: HubState,
  server: "hub" | "cdn",
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = startExchange(state, server, request, response);
  const target = server === "hub" ? routeOf(exchange.record.method, exchange.segments) : cdnTarget(exchange);
  exchange.record.repo = target.id || undefined;
  exchange.record.file = target.file;
  state.log.add(exchange.record);
  response.on("close", () => finish(exchange));
  try {
    if (await harm(exchange)) return;
    const limited = server === "hub" && isRateLimited(exchange);
    if (!limited) await target.run(exchange);
  } catch (error) {
    // A defect of the fake must not look like a fault that a test asked for.
    console.error("The fake Hub failed on", exchange.record.method, exchange.record.path, error);
    if (response.headersSent) response.destroy();
    else answer(exchange, 500, { error: String(error) });
  }
}

function startExchange(
  state: HubState,
  server: "hub" | "cdn",
  request: IncomingMessage,
  response: ServerResponse,
): Exchange {
  const url = new URL(`http://fake${request.url ?? "/"}`);
  const record: RecordedRequest = {
    server,
    method: request.method ?? "GET",
    host: request.headers.host ?? "",
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    status: 0,
    bytesSent: 0,
    at: state.now(),
    outcome: "running",
    faults: [],
  };
  response.setHeader("x-request-id", `Root=1-${state.log.requests.length.toString(16).padStart(8, "0")}`);
  return { state, request, response, record, segments: url.pathname.slice(1).split("/") };
}

function cdnTarget({ state, record }: Exchange): Target {
  const file = state.signedUrls.peek(record.path, record.query);
  return { id: file?.repo ?? "", file: file?.path, run: serveCdn };
}

function finish({ state, response, record }: Exchange): void {
  record.status = response.headersSent ? response.statusCode : 0;
  record.outcome = response.writableFinished ? "finished" : "aborted";
  state.log.changed(record);
}

/** Faults that replace the answer. True = nothing is left to do. */
async function harm(exchange: Exchange): Promise<boolean> {
  const { state, record, response } = exchange;
  const { faults } = state;
  const latency = faults.take(record, "latency");
  if (latency) await delay(latency.milliseconds);
  const refused = faults.take(record, "refuse");
  if (refused) {
    cutConnection(response, refused.how ?? "rst");
    return true;
  }
  const limit = faults.take(record, "rate-limit");
  if (limit) {
    const isPlain = limit.style === "retry-after";
    tooManyRequests(
      exchange,
      isPlain ? { "retry-after": String(limit.seconds) } : rateLimitHeaders(limitClass(record), 0, limit.seconds),
    );
    return true;
  }
  const status = faults.take(record, "status");
  if (status) {
    refuse(exchange, status.status, undefined, status.message ?? "Service unavailable");
    return true;
  }
  if (faults.take(record, "html-page")) {
    const page = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n";
    answer(exchange, 200, page, { "content-type": "text/html; charset=utf-8" });
    return true;
  }
  const moved = faults.take(record, "redirect");
  if (moved) redirect(exchange, moved.status ?? 308, new URL(exchange.request.url ?? "/", moved.origin).href);
  return moved !== undefined;
}

function isRateLimited(exchange: Exchange): boolean {
  const { state, record, request, response } = exchange;
  const { headers, isExceeded } = state.rateLimits.count(limitClass(record), request.headers.authorization ?? "");
  if (isExceeded) tooManyRequests(exchange, headers);
  else for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  return isExceeded;
}

function tooManyRequests(exchange: Exchange, headers: Record<string, string>): void {
  refuse(exchange, 429, undefined, "We had to rate limit you. Please slow down and try again later.", headers);
}

function limitClass({ path }: RecordedRequest): RateLimitClass {
  return /\/resolve(-cache)?\//.test(path) ? "resolvers" : "api";
}

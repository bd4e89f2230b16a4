import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";

import { parseRange } from "./byte-range.ts";
import type { ByteRange } from "./byte-range.ts";
import { bufferSource } from "./byte-source.ts";
import type { ByteSource } from "./byte-source.ts";
import { answer } from "./exchange.ts";
import type { Exchange, Headers } from "./exchange.ts";
import { sendBody } from "./send-body.ts";
import type { BodyEffects } from "./send-body.ts";

/** Body bytes per connection, and how many there were when a `cut-every` fault first met it. */
const carried = new WeakMap<Socket, number>();
const baselines = new WeakMap<object, WeakMap<Socket, number>>();

/**
 * Answer with (a range of) a file: 200, 206, 304, 416, and every fault that concerns bytes.
 * `etag` comes without quotes.
 */
export async function sendFile(exchange: Exchange, source: ByteSource, etag: string, extra: Headers): Promise<void> {
  const { state, record, request, response } = exchange;
  const { faults } = state;
  const changed = faults.take(record, "change-etag");
  const quoted = `"${changed ? (changed.etag ?? `${etag.slice(1)}0`) : etag}"`;
  const headers: Headers = { etag: quoted, "accept-ranges": "bytes", ...extra };
  if (request.headers["if-none-match"] === quoted) return answer(exchange, 304, "", headers);

  const compressed = await gzipped(exchange, source);
  if (compressed) headers["content-encoding"] = "gzip";
  const body = compressed ?? source;
  const range = compressed ? undefined : wantedRange(exchange, body, quoted);
  if (range === "unsatisfiable") {
    return answer(exchange, 416, "", { ...headers, "content-range": `bytes */${body.size}` });
  }
  const whole = range ?? { start: 0, end: body.size };
  const { effects, sentRange, isChunked } = planBody(exchange, whole);
  if (!isChunked && !compressed) headers["content-length"] = String(whole.end - whole.start);
  if (range) headers["content-range"] = contentRange(exchange, range, body.size);
  response.writeHead(range ? 206 : 200, headers);
  if (request.method === "HEAD") return void response.end();
  response.flushHeaders();
  const { socket } = request;
  await sendBody(response, body, sentRange, effects, (count) => {
    record.bytesSent += count;
    carried.set(socket, (carried.get(socket) ?? 0) + count);
    state.log.changed(record);
  });
}

/** Compressed content in place of the file, where the fault is on and the client takes it. */
async function gzipped({ state, record, request }: Exchange, source: ByteSource): Promise<ByteSource | undefined> {
  if (!/\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""))) return undefined;
  if (!state.faults.take(record, "gzip")) return undefined;
  const content = Buffer.alloc(source.size);
  const reader = await source.open();
  for (let done = 0; done < content.length;) done += await reader.read(content.subarray(done), done);
  await reader.close();
  return bufferSource(gzipSync(content));
}

function wantedRange({ state, record, request }: Exchange, source: ByteSource, etag: string) {
  if (request.headers.range !== undefined && state.faults.take(record, "range-not-satisfiable")) return "unsatisfiable";
  const ifRange = request.headers["if-range"];
  if (ifRange !== undefined && ifRange !== etag) return undefined;
  const range = parseRange(request.headers.range, source.size);
  return range && state.faults.take(record, "ignore-range") ? undefined : range;
}

function contentRange({ state, record }: Exchange, range: ByteRange, size: number): string {
  const fault = state.faults.take(record, "wrong-content-range");
  const shift = fault ? (fault.shift ?? (fault.total === undefined ? 1 : 0)) : 0;
  return `bytes ${range.start + shift}-${range.end - 1 + shift}/${fault?.total ?? size}`;
}

interface BodyPlan {
  effects: BodyEffects;
  sentRange: ByteRange;
  isChunked: boolean;
}

function planBody({ state, record, request }: Exchange, range: ByteRange): BodyPlan {
  const effects: BodyEffects = { flips: [], extraBytes: 0 };
  const plan: BodyPlan = { effects, sentRange: range, isChunked: false };
  if (request.method === "HEAD") return plan;
  const { faults } = state;
  const length = range.end - range.start;

  const [drop] = faults.takeAll(record, "drop", ({ afterBytes }) => afterBytes < length);
  if (drop) effects.drop = { afterBytes: drop.afterBytes, how: drop.how ?? "rst" };
  const [cut] = faults.takeAll(
    record,
    "cut-every",
    (fault) => fault.bytes - sinceFault(fault, request.socket) <= length,
  );
  if (cut) {
    const afterBytes = Math.max(0, cut.bytes - sinceFault(cut, request.socket));
    if (!effects.drop || afterBytes < effects.drop.afterBytes) effects.drop = { afterBytes, how: cut.how ?? "rst" };
  }
  const [stall] = faults.takeAll(record, "stall", ({ afterBytes }) => afterBytes < length);
  if (stall) {
    const released = faults.released();
    const { milliseconds } = stall;
    const until = milliseconds === undefined ? released : Promise.race([released, delay(milliseconds)]);
    effects.stall = { afterBytes: stall.afterBytes, until };
  }
  const isInside = ({ at }: { at: number }): boolean => at >= range.start && at < range.end;
  effects.flips = faults.takeAll(record, "flip-byte", isInside).map(({ at }) => at);
  effects.bytesPerSecond = faults.take(record, "bandwidth")?.bytesPerSecond;

  const short = faults.take(record, "short-body");
  if (short) plan.sentRange = { start: range.start, end: range.start + (short.afterBytes ?? Math.floor(length / 2)) };
  const long = faults.take(record, "long-body");
  if (long) effects.extraBytes = long.extraBytes ?? 1;
  plan.isChunked = Boolean(short ?? long);
  return plan;
}

function sinceFault(fault: object, socket: Socket): number {
  const now = carried.get(socket) ?? 0;
  const known = baselines.get(fault) ?? new WeakMap<Socket, number>();
  baselines.set(fault, known);
  if (!known.has(socket)) known.set(socket, now);
  return now - known.get(socket)!;
}

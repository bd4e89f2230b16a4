import type { RecordedRequest } from "./request-log.ts";

/** How a connection is cut: reset, or an orderly end in the middle of a body. */
export type Cut = "rst" | "fin";

/** What goes wrong. Offsets named `at` count within the file, `afterBytes` within one response body. */
export type FaultEffect =
  /** Wait before anything is answered. */
  | { kind: "latency"; milliseconds: number }
  /** End the connection without an answer. */
  | { kind: "refuse"; how?: Cut }
  /** Answer with this status and a JSON error. */
  | { kind: "status"; status: number; message?: string }
  /** 429. `style` chooses the Hub's `RateLimit` header or a plain `Retry-After`. */
  | { kind: "rate-limit"; seconds: number; style?: "ratelimit" | "retry-after" }
  /** A web page with status 200, as captive portals and login walls answer. */
  | { kind: "html-page" }
  /** Send the client to the same path on another origin. */
  | { kind: "redirect"; origin: string; status?: number }
  /** `Link` and `Location` name this origin instead of ours, as behind a mirror. */
  | { kind: "foreign-link"; origin: string }
  /** `resolve` sends git files itself, without the 307 to the resolve cache: as the Hub did, and some mirrors do. */
  | { kind: "direct-answer" }
  /** The CDN address handed out works only so long, or so often. */
  | { kind: "expire-url"; seconds?: number; uses?: number }
  | { kind: "drop"; afterBytes: number; how?: Cut }
  /** Stop sending; goes on after `milliseconds`, on `faults.release()`, or never. */
  | { kind: "stall"; afterBytes: number; milliseconds?: number }
  /** Invert one byte of the file, in every response that contains it. */
  | { kind: "flip-byte"; at: number }
  /** Chunked body that ends early but in order; default: at half. */
  | { kind: "short-body"; afterBytes?: number }
  /** Chunked body with bytes too many. */
  | { kind: "long-body"; extraBytes?: number }
  /** 206 whose `Content-Range` is shifted by this much, or names another total. */
  | { kind: "wrong-content-range"; shift?: number; total?: number }
  /** Answer a range request with 200 and everything. */
  | { kind: "ignore-range" }
  | { kind: "range-not-satisfiable" }
  | { kind: "change-etag"; etag?: string }
  /** Gzip, chunked, no length, ranges ignored: git files to clients that accept it. */
  | { kind: "gzip" }
  /** Most bytes per second of one response. */
  | { kind: "bandwidth"; bytesPerSecond: number }
  /** Cut the connection whenever it has carried this many body bytes, over however many responses. */
  | { kind: "cut-every"; bytes: number; how?: Cut };

export type FaultKind = FaultEffect["kind"];
type EffectOf<Kind extends FaultKind> = Extract<FaultEffect, { kind: Kind }>;

/** Which requests a fault hits; all given conditions must hold. Strings match anywhere in the value. */
export interface FaultTarget {
  /** Against path and query. */
  path?: string | RegExp;
  /** Against the file's path in its repository; the way to name a file on the CDN. */
  file?: string | RegExp;
  repo?: string;
  method?: string;
  server?: "hub" | "cdn";
  when?: (request: RecordedRequest) => boolean;
  /** Hits before the fault is used up; default: no limit. */
  times?: number;
  /** Fitting requests that pass unharmed first. */
  skip?: number;
}

export type Fault = FaultEffect & FaultTarget;

export interface FaultSwitches {
  /** Switch a fault on; answers the function that switches it off. */
  add(fault: Fault): () => void;
  /** Every fault still on, with its counters. */
  active(): readonly Fault[];
  clear(): void;
  /** Let stalled responses go on. */
  release(): void;
  /** Settles at the next `release()`. */
  released(): Promise<void>;
  /** First fitting fault of a kind; counts as a hit. For the fake's own code. */
  take<Kind extends FaultKind>(request: RecordedRequest, kind: Kind): EffectOf<Kind> | undefined;
  /** All fitting faults of a kind that also pass `applies`. */
  takeAll<Kind extends FaultKind>(
    request: RecordedRequest,
    kind: Kind,
    applies: (effect: EffectOf<Kind>) => boolean,
  ): EffectOf<Kind>[];
}

export function createFaultSwitches(): FaultSwitches {
  const faults = new Set<Fault>();
  let releasing = Promise.withResolvers<void>();

  function hits(fault: Fault, request: RecordedRequest): boolean {
    if ((fault.times ?? 1) <= 0 || !matches(fault, request)) return false;
    if (fault.skip !== undefined && fault.skip > 0) {
      fault.skip -= 1;
      return false;
    }
    if (fault.times !== undefined) fault.times -= 1;
    if (fault.times === 0) faults.delete(fault);
    request.faults.push(fault.kind);
    return true;
  }

  const ofKind = <Kind extends FaultKind>(kind: Kind): (EffectOf<Kind> & FaultTarget)[] =>
    [...faults].filter((fault) => fault.kind === kind) as (EffectOf<Kind> & FaultTarget)[];

  return {
    add(fault) {
      const own = { ...fault };
      faults.add(own);
      return () => void faults.delete(own);
    },
    active: () => [...faults],
    clear: () => faults.clear(),
    release() {
      releasing.resolve();
      releasing = Promise.withResolvers<void>();
    },
    released: () => releasing.promise,
    take: (request, kind) => ofKind(kind).find((fault) => hits(fault, request)),
    takeAll: (request, kind, applies) => ofKind(kind).filter((fault) => applies(fault) && hits(fault, request)),
  };
}

function matches(target: FaultTarget, request: RecordedRequest): boolean {
  const query = request.query.size > 0 ? `?${request.query}` : "";
  return (
    fits(target.path, `${request.path}${query}`) &&
    fits(target.file, request.file) &&
    (target.repo === undefined || target.repo === request.repo) &&
    (target.method === undefined || target.method === request.method) &&
    (target.server === undefined || target.server === request.server) &&
    (target.when === undefined || target.when(request))
  );
}

function fits(pattern: string | RegExp | undefined, value: string | undefined): boolean {
  if (pattern === undefined) return true;
  if (value === undefined) return false;
  return typeof pattern === "string" ? value.includes(pattern) : value.search(pattern) >= 0;
}

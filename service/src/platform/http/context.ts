import type { IncomingMessage, ServerResponse } from "node:http";

export type Scope = "admin" | "inference";

/** What a named key allows besides its scope. */
export interface RequestKey {
  readonly id: string;
  /** Model ids and slugs of profiles; null: every one. */
  readonly models: readonly string[] | null;
  /** Counts one request to a model. @throws AppError `rate_limited` with when to come back */
  admit(): void;
}

/** What the service knows of a request besides its parsed input. */
export interface RequestContext {
  readonly id: string;
  /** Aborts when the client leaves before the answer is complete, with `clientLeft` as its reason. */
  readonly signal: AbortSignal;
  /** Null while the API is open, or on routes that are free. */
  readonly scope: Scope | null;
  /** Whether the caller proved a key, or none is needed. */
  readonly trusted: boolean;
  /** The named key it came with; null: another key, or none. */
  readonly key: RequestKey | null;
}

/** The abort reason of a request whose client has gone: nobody is left to answer. */
export const clientLeft = new DOMException("The client left.", "AbortError");

const contexts = new WeakMap<IncomingMessage, { -readonly [Key in keyof RequestContext]: RequestContext[Key] }>();

export function beginContext(request: IncomingMessage, response: ServerResponse, id: string): void {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort(clientLeft);
  });
  contexts.set(request, { id, signal: controller.signal, scope: null, trusted: false, key: null });
}

export function contextOf(request: IncomingMessage): RequestContext {
  const context = contexts.get(request);
  if (!context) throw new Error("The request has no context: beginContext must be the first handler.");
  return context;
}

/** Called by the key check only. */
export function grant(request: IncomingMessage, granted: Pick<RequestContext, "scope" | "trusted" | "key">): void {
  const context = contexts.get(request);
  if (context) Object.assign(context, granted);
}

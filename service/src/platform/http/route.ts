import type { RequestHandler, Response, Router } from "express";
import type * as z from "zod";
import { routes } from "../../contract/routes.ts";
import type { Route, RouteName } from "../../contract/routes.ts";
import { AppError } from "../errors.ts";
import { jsonBody, jsonOrFormBody } from "./body.ts";
import { contextOf } from "./context.ts";
import type { RequestContext } from "./context.ts";

type Table = typeof routes;
type Part<Name extends RouteName, Key extends string> =
  Table[Name] extends Record<Key, infer Schema extends z.ZodType> ? z.output<Schema> : undefined;

export interface Input<Name extends RouteName> {
  readonly params: Part<Name, "params">;
  readonly query: Part<Name, "query">;
  readonly body: Part<Name, "body">;
  readonly context: RequestContext;
}

/** An answer with another status than the route's own. */
export interface WithStatus<Body> {
  readonly status: number;
  readonly body: Body;
}

/** The response is there for headers alone; the answer's body is what the handler returns. */
export type ReplyHandler<Name extends RouteName> = (
  input: Input<Name>,
  response: Response,
) =>
  | Promise<Part<Name, "reply"> | WithStatus<Part<Name, "reply">>>
  | Part<Name, "reply">
  | WithStatus<Part<Name, "reply">>;

/** Streams write the response themselves; errors thrown before the first byte are answered as usual. */
export type StreamHandler<Name extends RouteName> = (input: Input<Name>, response: Response) => Promise<void> | void;

export interface RouteOptions {
  /** Parses every reply by its schema (tests, debug): a drift is a 500 instead of a surprise at the client. */
  readonly checkReplies: boolean;
}

/** Mounts one route of the contract: parses params, query and body, answers as JSON. */
export function mount<Name extends RouteName>(
  router: Router,
  name: Name,
  handler: ReplyHandler<Name>,
  options: RouteOptions,
): void {
  const route: Route = routes[name];
  register(router, route, async (request, response) => {
    const result: unknown = await handler(parseInput(route, request) as Input<Name>, response);
    const { status, body } = isWithStatus(result) ? result : { status: route.status ?? 200, body: result };
    if (options.checkReplies) route.reply?.parse(body);
    response.status(status).json(body);
  });
}

export function mountStream<Name extends RouteName>(router: Router, name: Name, handler: StreamHandler<Name>): void {
  const route: Route = routes[name];
  register(router, route, async (request, response) => {
    await handler(parseInput(route, request) as Input<Name>, response);
  });
}

/** `{owner}/{name}` of the contract as Express writes it; a last `{path}` that takes the rest becomes its segments. */
export function expressPath({ path, rest }: Pick<Route, "path" | "rest">): string {
  const open = rest === true ? path.replace(/\{(\w+)\}$/, "*$1") : path;
  return open.replace(/\{(\w+)\}/g, ":$1");
}

function register(router: Router, route: Route, handle: RequestHandler): void {
  const method = route.method.toLowerCase() as "get" | "post" | "put" | "patch" | "delete";
  const body = route.form === true ? jsonOrFormBody() : jsonBody();
  router[method](expressPath(route), ...(route.body ? body : []), handle);
}

function parseInput(route: Route, request: Parameters<RequestHandler>[0]): Input<RouteName> {
  return {
    params: parsePart(route.params, request.params, "path"),
    query: parsePart(route.query, request.query, "query"),
    body: parsePart(route.body, request.body === undefined ? {} : request.body, "body"),
    context: contextOf(request),
  } as Input<RouteName>;
}

function parsePart(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidRequest(result.error, where);
}

/** `invalid_request` that names each wrong field and says what is allowed there. */
export function invalidRequest(error: z.ZodError, where: string): AppError {
  const issues = error.issues.slice(0, 10).map((issue) => ({
    path: issue.path.map(String).join("."),
    message: issue.message,
  }));
  const first = issues[0];
  const place = first?.path ? `${where} field "${first.path}"` : where;
  return new AppError("invalid_request", `The ${place} is wrong: ${first?.message ?? "invalid"}.`, {
    cause: error,
    details: { where, issues },
  });
}

function isWithStatus(value: unknown): value is WithStatus<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).length === 2 &&
    "status" in value &&
    "body" in value
  );
}

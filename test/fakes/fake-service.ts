/**
 * A small service for the tests of the commands: scripted state, true shapes. Every answer is checked by the contract, so a
 * test cannot pass on something the real service would never say. Gate states and odd cases only; what commands do with
 * the service is tested against the real one too.
 */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type * as z from "zod";
import { EventMessage, Snapshot } from "../../service/src/contract/events.ts";
import type { EventPayload, EventType } from "../../service/src/contract/events.ts";
import { ErrorBody } from "../../service/src/contract/error.ts";
import type { ErrorCode } from "../../service/src/contract/error.ts";
import { routes } from "../../service/src/contract/routes.ts";
import type { Route } from "../../service/src/contract/routes.ts";
import { fakeHealth, fakeState } from "./fake-service-state.ts";
import type { FakeState } from "./fake-service-state.ts";

export interface SeenRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
  headers: IncomingMessage["headers"];
}

type Answer = { status?: number; body: unknown } | ((response: ServerResponse) => void);
type Handler = (request: SeenRequest) => Answer | Promise<Answer>;

export interface FakeService {
  readonly address: string;
  readonly state: FakeState;
  readonly requests: SeenRequest[];
  /** How many clients follow the events now. */
  readonly followers: number;
  /** Answers a route of the table, `GET /api/hub/models` and alike, until the test ends. */
  on(route: string, handler: Handler): void;
  /** Tells every follower. */
  publish<Type extends EventType>(type: Type, data: EventPayload<Type>): void;
  /** Ends every event stream, as a service that restarts does. */
  dropFollowers(): void;
  close(): Promise<void>;
}

export async function startFakeService(given: Partial<FakeState> = {}, port = 0): Promise<FakeService> {
  const state: FakeState = { ...fakeState(), ...given };
  const requests: SeenRequest[] = [];
  const handlers = new Map<string, Handler>(Object.entries(defaultHandlers(state)));
  const followers = new Set<ServerResponse>();
  let sequence = 0;

  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
      throw error;
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://fake");
    const seen: SeenRequest = {
      method: request.method ?? "",
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      body: await readJson(request),
      headers: request.headers,
    };
    requests.push(seen);
    const open = seen.path === "/api/health" || state.key === undefined;
    if (!open && seen.headers.authorization !== `Bearer ${state.key}`) {
      return sendError(response, 401, "unauthorized", "A key is needed.");
    }
    if (seen.path === "/api/events") return follow(seen, response);
    const found = findRoute(seen);
    const handler = found === undefined ? undefined : handlers.get(`${found.method} ${found.path}`);
    if (handler === undefined) return sendError(response, 404, "not_found", `Nothing at ${seen.path}.`);
    const given = await handler(seen);
    if (typeof given === "function") return given(response);
    const { status = found?.status ?? 200, body } = given;
    const schema: z.ZodType | undefined = status < 400 ? found?.reply : undefined;
    send(response, status, schema === undefined ? body : schema.parse(body));
  }

  function follow({ query }: SeenRequest, response: ServerResponse): void {
    const topics = (query["topics"] ?? "").split(",");
    const chosen = Object.entries(snapshotOf(state)).filter(([name]) => name === "at" || topics.includes(name));
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    response.write(`event: snapshot\ndata: ${JSON.stringify(Snapshot.parse(Object.fromEntries(chosen)))}\n\n`);
    followers.add(response);
    response.once("close", () => followers.delete(response));
  }

  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    requests,
    get followers() {
      return followers.size;
    },
    on: (route, handler) => void handlers.set(route, handler),
    publish(type, data) {
      sequence += 1;
      const message = EventMessage.parse({ id: `fake-${sequence}`, type, at: new Date().toISOString(), data });
      for (const follower of followers) {
        follower.write(`id: fake-${sequence}\nevent: ${type}\ndata: ${JSON.stringify(message)}\n\n`);
      }
    },
    dropFollowers() {
      for (const follower of followers) follower.destroy();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An error of `/api`, for a handler. */
export function failure(status: number, code: ErrorCode, message: string, details?: Record<string, unknown>): Answer {
  const error = { code, message, ...(details === undefined ? {} : { details }), requestId: "request-1" };
  return { status, body: ErrorBody.parse({ error }) };
}

function snapshotOf(state: FakeState): Record<string, unknown> {
  const { downloads, servers, models, engines, jobs, profiles, settings } = state;
  return { at: new Date().toISOString(), downloads, servers, models, engines, jobs, profiles, settings };
}

function defaultHandlers(state: FakeState): Record<string, Handler> {
  const page = (items: readonly unknown[]) => ({ body: { items, nextCursor: null } });
  return {
    "GET /api/health": () => ({ body: fakeHealth(state) }),
    "GET /api/downloads": () => page(state.downloads),
    "GET /api/servers": () => page(state.servers),
    "GET /api/models": () => page(state.models),
    "GET /api/engines": () => page(state.engines),
    "GET /api/jobs": () => page(state.jobs),
    "GET /api/profiles": () => page(state.profiles),
    "GET /api/settings": () => ({ body: state.settings }),
    "GET /api/hub/models": () => ({
      body: { items: state.hubModels, nextCursor: null, source: "hub", stale: false, problem: null },
    }),
  };
}

function findRoute({ method, path }: SeenRequest): Route | undefined {
  const table: Route[] = Object.values(routes);
  return table.find((route) => {
    const pattern = new RegExp(`^${route.path.replace(/\{\w+\}/g, "[^/]+")}$`);
    return route.method === method && pattern.test(path);
  });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? undefined : JSON.parse(text);
}

function sendError(response: ServerResponse, status: number, code: ErrorCode, message: string): void {
  const { body } = failure(status, code, message) as { body: unknown };
  send(response, status, body);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

import type { Server } from "node:http";
import { Router } from "express";
import { createApp, createHttpServer, listen } from "../../../service/src/app.ts";
import { readConfig } from "../../../service/src/config.ts";
import { createAuth } from "../../../service/src/core/auth/index.ts";
import { createLog } from "../../../service/src/platform/log.ts";
import { findPlace } from "../../../service/src/platform/place.ts";
import { mount, mountStream } from "../../../service/src/platform/http/route.ts";
import { readJson } from "../../../service/src/platform/http/body.ts";
import { ask } from "../../tools/raw-request.ts";
import type { RawAnswer, RawRequest } from "../../tools/raw-request.ts";

export const masterKey = "master-key-of-the-test";
export const adminKey = "admin-key-of-the-account";

export interface HttpWorld {
  readonly address: string;
  /** `host:port` as a client on this machine writes it. */
  readonly host: string;
  readonly logged: Record<string, unknown>[];
  ask(request?: RawRequest): Promise<RawAnswer>;
  stop(): void;
  close(): Promise<void>;
}

export interface HttpWorldOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly mountMore?: (api: Router) => void;
}

/** The service's own application over a few routes of the contract, on a real socket. */
export async function startHttpWorld({ environment = {}, mountMore }: HttpWorldOptions = {}): Promise<HttpWorld> {
  const logged: Record<string, unknown>[] = [];
  const log = createLog({
    debug: true,
    destination: { write: (line) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const config = readConfig({ HOME: "/nowhere", ...environment });
  let isStopping = false;
  let requests = 0;
  const app = createApp({
    ...{ config, log, isStopping: () => isStopping, openApiPath: findPlace().openApi },
    auth: createAuth({ masterKey: config.apiKey, adminKey, keys: { exist: () => false, find: () => null } }),
    untilReady: () => null,
    ids: (prefix) => `${prefix}_${(requests += 1)}`,
    api: routes(mountMore),
    gateway: Router(),
    direct: new Map([
      [
        "/v1/chat/completions",
        async (request, response) => {
          const body = JSON.stringify({ got: await readJson(request, response) });
          response.setHeader("content-type", "application/json").end(body);
        },
      ],
    ]),
  });
  const server: Server = createHttpServer(app);
  const address = await listen(server, "127.0.0.1", 0);
  return {
    ...{ address, logged, host: new URL(address).host },
    ask: (request) => ask(address, request),
    stop: () => void (isStopping = true),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function routes(mountMore?: (api: Router) => void): Router {
  const api = Router();
  const options = { checkReplies: false };
  mount(api, "getHealth", ({ context }) => ({ status: 200, body: { trusted: context.trusted } as never }), options);
  mount(api, "updateSettings", ({ body }) => body as never, options);
  mount(api, "listJobs", ({ query }) => ({ items: [], nextCursor: JSON.stringify(query) }), options);
  mount(api, "getJob", () => Promise.reject(new Error("secret: /home/someone/token")), options);
  mount(api, "createProfile", ({ body }) => body as never, options);
  mountStream(api, "getJobLogs", (_input, response) => {
    response.set("content-type", "text/plain");
    throw new Error("the log is gone");
  });
  mountMore?.(api);
  return api;
}

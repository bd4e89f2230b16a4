import { createServer } from "node:http";
import type { IncomingHttpHeaders, RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import type { ErrorRequestHandler, Router } from "express";
import type { Config } from "./config.ts";
import { requireKey } from "./core/auth/index.ts";
import type { Auth } from "./core/auth/index.ts";
import { isOllamaPath } from "./contract/ollama.ts";
import { gatewayErrorWriter, writeOllamaError } from "./gateway/index.ts";
import { writeHubError } from "./library/mirror/index.ts";
import { AppError } from "./platform/errors.ts";
import { createErrorAnswer, writeApiError } from "./platform/http/errors.ts";
import type { ErrorWriter } from "./platform/http/errors.ts";
import { createFrontDoor } from "./platform/http/front-door.ts";
import type { Answering, DoorCheck, FrontDoorOptions } from "./platform/http/front-door.ts";
import { guard } from "./platform/http/guard.ts";
import { notFound } from "./platform/http/not-found.ts";
import type { Ids } from "./platform/ids.ts";
import type { Log } from "./platform/log.ts";

export interface AppDependencies {
  readonly config: Config;
  readonly auth: Auth;
  readonly ids: Ids;
  readonly log: Log;
  readonly isStopping: () => boolean;
  /** Holds a request back until it can be answered truly. */
  readonly untilReady: FrontDoorOptions["untilReady"];
  /** Management routes, by their whole paths. */
  readonly api: Router;
  /** Mounted once at `/v1`; its paths are relative. */
  readonly gateway: Router;
  /** `POST` routes by their whole paths. */
  readonly direct: ReadonlyMap<string, Answering>;
  /** The committed document: making it anew would cost every start its generator. */
  readonly openApiPath: string;
}

/** The whole HTTP interface: guard, key, then the routes; errors in each protocol's own form. No socket. */
export function createApp(dependencies: AppDependencies): RequestListener {
  const { config, auth, ids, log, isStopping, untilReady, api, gateway, direct, openApiPath } = dependencies;
  const onError = createErrorAnswer(log, writerOf);
  const stopping: DoorCheck = (_request, _response, path) => {
    // While draining, what runs goes on and everything new is told to come back; health tells the state itself.
    if (!isStopping() || path === "/api/health") return false;
    throw new AppError("service_stopping", "MLX Manager is stopping. Try again in a moment.", {
      details: { retryAfterSeconds: 5 },
    });
  };
  const router = express();
  router.disable("x-powered-by");
  router.disable("etag");
  router.set("query parser", "simple");
  router.get("/openapi.json", (_request, response) => response.type("json").sendFile(openApiPath));
  // As the router matches them: in any case, with a slash at the end.
  for (const [path, answering] of direct) router.post(path, answering);
  router.use("/v1", gateway);
  router.use(api);
  router.use(notFound);
  router.use(((error, request, response, _next) => onError(error, request, response)) satisfies ErrorRequestHandler);
  return createFrontDoor({
    checks: [guard({ hosts: config.allowedHosts, origins: config.allowedOrigins }), requireKey(auth), stopping],
    ...{ ids, untilReady, direct, router, onError },
  });
}

/** Each protocol has its own form of an error. */
function writerOf(path: string, headers: IncomingHttpHeaders): ErrorWriter {
  if (isOllamaPath(path)) return writeOllamaError;
  const [, first] = path.split("/");
  return first === "v1"
    ? gatewayErrorWriter(path, headers)
    : first?.toLowerCase() === "hub"
      ? writeHubError
      : writeApiError;
}

/** Long answers are never cut by a library's default. */
export function createHttpServer(app: RequestListener): Server {
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 300_000, headersTimeout: 60_000 }, app);
  server.timeout = 0;
  // The body reader says "continue", once it knows that it wants the body.
  server.on("checkContinue", app);
  return server;
}

/** Listens and answers the address, for example `http://127.0.0.1:10242`. @throws the system error (`EADDRINUSE`, …) */
export function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const { address, family, port: boundPort } = server.address() as AddressInfo;
      // "Every address" is none that a client can ask: the guard would refuse it as a foreign host.
      const reachable = address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address;
      resolve(`http://${family === "IPv6" ? `[${reachable}]` : reachable}:${boundPort}`);
    });
  });
}

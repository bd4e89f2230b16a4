import { createServer } from "node:http";
import type { IncomingHttpHeaders, Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import type { Express, RequestHandler, Router } from "express";
import type { Config } from "./config.ts";
import { requireKey } from "./core/auth/index.ts";
import type { Auth } from "./core/auth/index.ts";
import { isOllamaPath } from "./contract/ollama.ts";
import { gatewayErrorWriter, writeOllamaError } from "./gateway/index.ts";
import { writeHubError } from "./library/mirror/index.ts";
import { AppError } from "./platform/errors.ts";
import { beginContext } from "./platform/http/context.ts";
import { errorHandler, writeApiError } from "./platform/http/errors.ts";
import type { ErrorWriter } from "./platform/http/errors.ts";
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
  readonly untilReady: RequestHandler;
  /** Management routes, by their whole paths. */
  readonly api: Router;
  /** Mounted once at `/v1`; its paths are relative. */
  readonly gateway: Router;
  /** The committed document: making it anew would cost every start its generator. */
  readonly openApiPath: string;
}

/** The Express application: context, guard, key, routes, errors, in this order. No socket. */
export function createApp(dependencies: AppDependencies): Express {
  const { config, auth, ids, log, isStopping, untilReady, api, gateway, openApiPath } = dependencies;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", "simple");
  app.use((request, response, next) => {
    const id = ids("req");
    beginContext(request, response, id);
    response.setHeader("x-request-id", id);
    next();
  });
  app.use(guard({ hosts: config.allowedHosts, origins: config.allowedOrigins }));
  app.use(requireKey(auth));
  app.use((request, _response, next) => {
    // While draining, what runs goes on and everything new is told to come back; health tells the state itself.
    if (isStopping() && request.path !== "/api/health") {
      throw new AppError("service_stopping", "MLX Manager is stopping. Try again in a moment.", {
        details: { retryAfterSeconds: 5 },
      });
    }
    next();
  });
  app.use(untilReady);
  app.get("/openapi.json", (_request, response) => response.type("json").sendFile(openApiPath));
  app.use("/v1", gateway);
  app.use(api);
  app.use(notFound);
  app.use(errorHandler(log, writerOf));
  return app;
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
export function createHttpServer(app: Express): Server {
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

import type { Request, Response, Router } from "express";
import type { MirrorAccount, MirrorEntry, MirrorModel } from "../../contract/mirror.ts";
import type { Clock } from "../../platform/clock.ts";
import { AppError } from "../../platform/errors.ts";
import { mount, mountStream } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import { answerFile } from "./answer-file.ts";
import { notSwitchedOn } from "./errors.ts";
import { readFilePath, readModelPath } from "./hub-paths.ts";
import { isOn } from "./list-query.ts";
import type { Peers } from "./peers.ts";
import type { Mirror, MirrorPage } from "./service.ts";
import { createTurns } from "./turns.ts";

export interface MirrorRouteOptions extends RouteOptions {
  readonly clock: Clock;
}

/** The pool of threads that reads files has four, for everything: a pull may take half of it. */
const readsAtOnce = 2;

export function mountMirrorRoutes(router: Router, mirror: Mirror, peers: Peers, options: MirrorRouteOptions): void {
  const reading = createTurns(readsAtOnce);
  const { clock } = options;

  mount(
    router,
    "listMirrorModels",
    async ({ query }, response) => withLink(await mirror.list(query), response),
    options,
  );
  mount(
    router,
    "readMirrorModel",
    async ({ params, query }, response) => {
      const target = readModelPath(params.path);
      if (target?.kind === "info") return await mirror.info(target, query);
      if (target?.kind === "refs") return await mirror.refs(target);
      if (target?.kind === "tree") return withLink(await mirror.tree(target, query), response);
      throw nothingAt(mirror, response.req);
    },
    options,
  );
  mount(
    router,
    "findMirrorPaths",
    async ({ params, body }, response) => {
      const target = readModelPath(params.path);
      if (target?.kind !== "paths") throw nothingAt(mirror, response.req);
      const expand = body["expand"] === true || isOn(body["expand"]);
      return await mirror.paths(target, [body.paths].flat(), expand);
    },
    options,
  );
  mount(
    router,
    "getMirrorAccount",
    ({ context }) => {
      if (!mirror.isOn()) throw notSwitchedOn();
      if (context.scope === null) throw new AppError("unauthorized", "No key was sent. This service needs none.");
      return accountOf(context.scope);
    },
    options,
  );
  mountStream(router, "getMirrorFile", async ({ params, context: { signal } }, response) => {
    const target = readFilePath(params.path);
    if (target?.kind !== "file") throw nothingAt(mirror, response.req);
    const isPinned = /^[0-9a-f]{40}$/.test(target.revision);
    await answerFile(await mirror.file(target), response.req, response, { signal, clock, reading, isPinned });
  });
  mount(router, "listPeers", () => peers.list(), options);
}

function accountOf(scope: string): MirrorAccount {
  return {
    type: "user",
    ...{ id: "mlx-manager", name: "mlx-manager", fullname: "MLX Manager", orgs: [] },
    auth: { type: "access_token", accessToken: { displayName: scope, role: "read" } },
  };
}

/** The Hub pages by a `Link` with a whole address: that of this very request, as the client wrote it. */
function withLink<Item extends MirrorModel | MirrorEntry>(
  { items, next }: MirrorPage<Item>,
  response: Response,
): Item[] {
  if (next !== null) {
    const { req: request } = response;
    const address = new URL(request.originalUrl, `${request.protocol}://${request.headers.host ?? "localhost"}`);
    address.searchParams.set("cursor", next);
    response.setHeader("link", `<${address.href}>; rel="next"`);
  }
  return items;
}

function nothingAt(mirror: Mirror, { method, path }: Request): AppError {
  if (!mirror.isOn()) return notSwitchedOn();
  return new AppError("not_found", `There is nothing at ${method} ${path.slice(0, 200)}.`);
}

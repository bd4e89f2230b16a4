import type { Router } from "express";
import type { LogLine } from "../../contract/servers.ts";
import type { Clock } from "../../platform/clock.ts";
import { sendLines, sendLog, sendText } from "../../platform/http/log-stream.ts";
import { mount, mountStream } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { Pool } from "./pool.ts";

export interface PoolRouteOptions extends RouteOptions {
  readonly clock: Clock;
}

export function mountPoolRoutes(router: Router, pool: Pool, options: PoolRouteOptions): void {
  const { profiles } = pool;
  const modelOf = ({ owner, name }: { owner: string; name: string }): string => `${owner}/${name}`;

  mount(
    router,
    "startProfile",
    ({ params, query, context }) => {
      const profile = profiles.get(params.id);
      return pool.start(profile, profile.revision, { wait: query.wait, signal: context.signal });
    },
    options,
  );
  mount(
    router,
    "restartProfile",
    ({ params, query, context }) => pool.restart(profiles.get(params.id), { wait: query.wait, signal: context.signal }),
    options,
  );
  mount(
    router,
    "stopProfile",
    async ({ params }) => ({ items: await pool.stop(profiles.get(params.id).id), nextCursor: null }),
    options,
  );
  mount(
    router,
    "loadModel",
    ({ params, query, context }) => {
      const profile = profiles.implicitFor(modelOf(params));
      return pool.start(profile, profile.revision, { wait: query.wait, signal: context.signal });
    },
    options,
  );
  mount(
    router,
    "unloadModel",
    async ({ params }) => ({ items: await pool.stopModel(modelOf(params)), nextCursor: null }),
    options,
  );
  mount(
    router,
    "previewPlacement",
    ({ params, body, context }) =>
      pool.placement(profiles.get(params.id), { preflight: body.preflight, signal: context.signal }),
    options,
  );
  mount(router, "listServers", ({ query }) => pool.list(query), options);
  mount(router, "getServer", ({ params }) => pool.get(params.id), options);
  mountStream(router, "getServerLogs", ({ params, query, context }, response) => {
    const source = pool.log(params.id);
    const { signal } = context;
    const { level = "debug", tail, follow } = query;
    const wanted = { tail, follow, level, signal };
    const isForEvents = response.req.accepts(["text/plain", "text/event-stream"]) === "text/event-stream";
    if (isForEvents) return sendLines(source.lines(wanted), response, { clock: options.clock, signal });
    if (query.level === undefined) return sendLog(source, response, { tail, follow, signal });
    return sendText(asText(source.lines(wanted)), response, signal);
  });
}

async function* asText(source: AsyncIterable<readonly LogLine[]>): AsyncGenerator<string> {
  for await (const lines of source) yield lines.map(({ text }) => `${text}\n`).join("");
}

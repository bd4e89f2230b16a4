import type { Router } from "express";
import { sendLog } from "../../platform/http/log-stream.ts";
import { mount, mountStream } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { Pool } from "./pool.ts";

export function mountPoolRoutes(router: Router, pool: Pool, options: RouteOptions): void {
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
  mount(router, "listServers", ({ query }) => pool.list(query), options);
  mount(router, "getServer", ({ params }) => pool.get(params.id), options);
  mountStream(router, "getServerLogs", ({ params, query, context }, response) =>
    sendLog(pool.log(params.id), response, { ...query, signal: context.signal }),
  );
}

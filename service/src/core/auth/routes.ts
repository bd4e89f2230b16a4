import type { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { NamedKeys } from "./named-keys.ts";

export function mountKeyRoutes(router: Router, keys: NamedKeys, options: RouteOptions): void {
  mount(router, "listKeys", ({ query }) => keys.list(query), options);
  mount(
    router,
    "createKey",
    ({ body }, response) => {
      // The one answer that holds a key: nobody on the way may keep it.
      response.setHeader("cache-control", "no-store");
      return keys.create(body);
    },
    options,
  );
  mount(router, "revokeKey", ({ params }) => keys.revoke(params.id), options);
}

import type { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { Search } from "./service.ts";

export function mountSearchRoutes(router: Router, search: Search, options: RouteOptions): void {
  mount(router, "searchHub", ({ query, context }) => search.search(query, context.signal), options);
  mount(
    router,
    "getHubModel",
    ({ params: { owner, name }, query: { revision, context: tokens }, context }) =>
      search.detail(`${owner}/${name}`, revision, tokens, context.signal),
    options,
  );
  mount(
    router,
    "listHubSiblings",
    ({ params: { owner, name }, query, context }) => search.siblings(`${owner}/${name}`, query.context, context.signal),
    options,
  );
}

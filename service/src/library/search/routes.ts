import type { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import { createSearch } from "./service.ts";
import type { SearchDependencies } from "./service.ts";

export function mountSearchRoutes(router: Router, dependencies: SearchDependencies, options: RouteOptions): void {
  const search = createSearch(dependencies);
  mount(router, "searchHub", ({ query, context }) => search.search(query, context.signal), options);
  mount(
    router,
    "getHubModel",
    ({ params, query, context }) =>
      search.detail(`${params.owner}/${params.name}`, query.revision ?? "main", context.signal),
    options,
  );
}

import type { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { Probing } from "./service.ts";

export function mountProbingRoutes(router: Router, probing: Probing, options: RouteOptions): void {
  mount(
    router,
    "probeModel",
    ({ params, query }) => probing.start(`${params.owner}/${params.name}`, query.revision ?? "main"),
    options,
  );
}

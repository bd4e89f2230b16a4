import type { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { Converting } from "./service.ts";

export function mountConvertingRoutes(router: Router, converting: Converting, options: RouteOptions): void {
  mount(
    router,
    "convertModel",
    ({ params, query, body }) => converting.start(`${params.owner}/${params.name}`, query.revision ?? "main", body),
    options,
  );
}

import type { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import { testRoute } from "./test-route.ts";
import type { TestRouteDependencies } from "./test-route.ts";

export function mountRoutingRoutes(router: Router, dependencies: TestRouteDependencies, options: RouteOptions): void {
  mount(router, "testRouting", ({ body, context }) => testRoute(dependencies, body, context.signal), options);
}

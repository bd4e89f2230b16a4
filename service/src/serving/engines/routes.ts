import type { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { Engines } from "./service.ts";

export function mountEngineRoutes(router: Router, engines: Engines, options: RouteOptions): void {
  mount(router, "listEngines", () => ({ items: engines.list(), nextCursor: null }), options);
  mount(router, "installEngine", ({ params }) => ({ job: engines.install(params.id) }), options);
  mount(router, "updateEngine", ({ params }) => ({ job: engines.update(params.id) }), options);
  mount(router, "rollbackEngine", ({ params }) => engines.rollback(params.id), options);
  mount(router, "removeEngine", ({ params }) => ({ job: engines.remove(params.id) }), options);
}

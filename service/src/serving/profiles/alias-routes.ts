import type { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { Aliases } from "./aliases.ts";

export function mountAliasRoutes(router: Router, aliases: Aliases, options: RouteOptions): void {
  mount(router, "listAliases", () => ({ items: aliases.list() }), options);
  mount(router, "setAlias", ({ params, body }) => aliases.set(params.name.join("/"), body.target), options);
  mount(router, "removeAlias", ({ params }) => aliases.remove(params.name.join("/")), options);
}

import type { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { Settings } from "./service.ts";

export function mountSettingsRoutes(router: Router, settings: Settings, options: RouteOptions): void {
  mount(router, "getSettings", () => settings.view(), options);
  mount(router, "updateSettings", ({ body }) => settings.update(body), options);
}

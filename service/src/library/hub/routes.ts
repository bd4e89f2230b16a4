import type { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { HubTokens } from "./hub-tokens.ts";

export function mountHubTokenRoutes(router: Router, tokens: HubTokens, options: RouteOptions): void {
  mount(router, "getHubToken", ({ context }) => tokens.status(context.signal), options);
  mount(router, "setHubToken", ({ body, context }) => tokens.store(body.token, context.signal), options);
  mount(router, "deleteHubToken", ({ context }) => tokens.remove(context.signal), options);
}

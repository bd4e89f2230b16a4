import type { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { Profiles } from "./service.ts";

export function mountProfileRoutes(router: Router, profiles: Profiles, options: RouteOptions): void {
  mount(router, "listProfiles", ({ query }) => profiles.list(query), options);
  mount(router, "createProfile", ({ body }) => profiles.create(body), options);
  mount(router, "getProfile", ({ params }) => profiles.get(params.id), options);
  mount(router, "updateProfile", ({ params, body }) => profiles.update(params.id, body), options);
  mount(router, "deleteProfile", ({ params }) => profiles.remove(params.id), options);
  mount(router, "duplicateProfile", ({ params, body }) => profiles.duplicate(params.id, body), options);
}

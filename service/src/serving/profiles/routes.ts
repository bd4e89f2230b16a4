import type { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import { listPresets } from "./presets.ts";
import type { Profiles } from "./service.ts";

export function mountProfileRoutes(router: Router, profiles: Profiles, options: RouteOptions): void {
  const { view } = profiles;
  mount(
    router,
    "listProfiles",
    ({ query }) => {
      const page = profiles.list(query);
      return { ...page, items: page.items.map(view) };
    },
    options,
  );
  mount(router, "createProfile", ({ body }) => view(profiles.create(body)), options);
  mount(router, "getProfile", ({ params }) => view(profiles.get(params.id)), options);
  mount(router, "updateProfile", ({ params, body }) => profiles.viewChange(profiles.update(params.id, body)), options);
  mount(router, "deleteProfile", ({ params }) => view(profiles.remove(params.id)), options);
  mount(router, "duplicateProfile", ({ params, body }) => view(profiles.duplicate(params.id, body)), options);
  mount(router, "exportProfile", ({ params }) => profiles.export(params.id), options);
  mount(router, "importProfile", ({ query, body }) => view(profiles.import(body, query.slug)), options);
  mount(router, "listPresets", () => ({ items: listPresets() }), options);
}

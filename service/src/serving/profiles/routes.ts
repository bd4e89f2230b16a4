import type { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { Aliases } from "./aliases.ts";
import { listPresets } from "./presets.ts";
import type { KeyedProfiles } from "./keyed-profiles.ts";
import type { Profiles } from "./service.ts";

export function mountProfileRoutes(
  router: Router,
  profiles: Profiles,
  keyed: KeyedProfiles,
  options: RouteOptions,
): void {
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
  mount(router, "createProfile", async ({ body }) => view(await keyed.create(body)), options);
  mount(router, "getProfile", ({ params }) => view(profiles.get(params.id)), options);
  mount(
    router,
    "updateProfile",
    async ({ params, body }) => profiles.viewChange(await keyed.update(params.id, body)),
    options,
  );
  mount(router, "deleteProfile", async ({ params }) => view(await keyed.remove(params.id)), options);
  mount(router, "duplicateProfile", async ({ params, body }) => view(await keyed.duplicate(params.id, body)), options);
  mount(router, "exportProfile", ({ params }) => profiles.export(params.id), options);
  mount(router, "importProfile", ({ query, body }) => view(profiles.import(body, query.slug)), options);
  mount(router, "listPresets", () => ({ items: listPresets() }), options);
}

export function mountAliasRoutes(router: Router, aliases: Aliases, options: RouteOptions): void {
  mount(router, "listAliases", () => ({ items: aliases.list() }), options);
  mount(router, "setAlias", ({ params, body }) => aliases.set(params.name.join("/"), body.target), options);
  mount(router, "removeAlias", ({ params }) => aliases.remove(params.name.join("/")), options);
}

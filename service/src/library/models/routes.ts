import type { Router } from "express";
import type { Model } from "../../contract/models.ts";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { LocalModel } from "./local-model.ts";
import type { Models } from "./service.ts";

export interface ModelRouteOptions extends RouteOptions {
  /** Adds what other slices know of a model: whether it is the default, its profile, whether it fits. */
  readonly view: (model: LocalModel) => Model;
}

export function mountModelRoutes(router: Router, models: Models, options: ModelRouteOptions): void {
  const { view } = options;
  mount(
    router,
    "listModels",
    ({ query }) => {
      const { items, nextCursor } = models.list(query);
      return { items: items.map(view), nextCursor };
    },
    options,
  );
  mount(router, "getModel", ({ params }) => view(models.get(`${params.owner}/${params.name}`)), options);
  mount(
    router,
    "deleteModel",
    async ({ params }) => {
      const id = `${params.owner}/${params.name}`;
      // Taken before, as its implicit profile goes with it.
      const shown = view(models.get(id));
      await models.remove(id);
      return shown;
    },
    options,
  );
}

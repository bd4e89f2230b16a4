import type { Router } from "express";
import type { Model } from "../../contract/models.ts";
import { AppError } from "../../platform/errors.ts";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { ModelCare } from "./care/care.ts";
import type { LocalModel } from "./local-model.ts";
import type { Models } from "./service.ts";

export interface ModelRouteOptions extends RouteOptions {
  /** Adds what other slices know of a model: whether it is the default, its profile, whether it fits. */
  readonly view: (model: LocalModel) => Model;
  /** Left out in tests that do without jobs and the Hub: its routes are not there then. */
  readonly care?: ModelCare;
}

const idOf = ({ owner, name }: { owner: string; name: string }): string => `${owner}/${name}`;

export function mountModelRoutes(router: Router, models: Models, options: ModelRouteOptions): void {
  const { view, care } = options;
  if (care) mountCare(router, models, care, options);
  // The routes with a fixed name first: nothing else may take `usage` or `import` for part of an id.
  mount(router, "getModelUsage", () => models.usage(), options);
  mount(router, "listImportable", async ({ query }) => ({ items: await models.importable(query.folder) }), options);
  mount(router, "importModel", async ({ body }) => view(await models.import(body.path, body.name)), options);
  mount(router, "cleanModels", ({ body }) => models.clean(body.dryRun), options);
  mount(
    router,
    "listModels",
    ({ query }) => {
      const { items, nextCursor } = models.list(query);
      return { items: items.map(view), nextCursor };
    },
    options,
  );
  mount(router, "getModel", ({ params }) => view(models.get(idOf(params))), options);
  mount(
    router,
    "deleteModel",
    async ({ params }) => {
      // Taken before, as its implicit profile goes with it.
      const model = view(models.get(idOf(params)));
      const { revision, freedBytes } = await models.remove(idOf(params));
      return { model, revision, freedBytes };
    },
    options,
  );
  mount(
    router,
    "deleteModelRevision",
    async ({ params }) => {
      const model = view(models.get(idOf(params)));
      const { revision, freedBytes } = await models.removeRevision(idOf(params), params.revision);
      return { model, revision, freedBytes };
    },
    options,
  );
}

/** What needs jobs or the Hub besides the library. */
function mountCare(router: Router, models: Models, { verifier, updates }: ModelCare, options: ModelRouteOptions): void {
  mount(router, "verifyModel", ({ params, query }) => verifier.start(idOf(params), query.revision ?? "main"), options);
  mount(
    router,
    "getVerification",
    ({ params, query }) => {
      const found = models.verification(idOf(params), query.revision);
      if (found !== null) return found;
      throw new AppError("not_found", "This revision has not been verified yet. Verify it first.");
    },
    options,
  );
  mount(
    router,
    "checkModelUpdate",
    async ({ params, context }) => {
      const model = models.get(idOf(params));
      await updates.check(model, context.signal);
      return options.view(models.get(model.id));
    },
    options,
  );
}

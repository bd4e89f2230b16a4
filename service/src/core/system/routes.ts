import type { Router } from "express";
import type { Health, System } from "../../contract/system.ts";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";

export interface SystemRoutesDependencies {
  /** `trusted` callers also get the counts. */
  readonly health: (trusted: boolean) => Health;
  readonly system: () => Promise<System>;
}

export function mountSystemRoutes(router: Router, dependencies: SystemRoutesDependencies, options: RouteOptions): void {
  mount(
    router,
    "getHealth",
    ({ context }) => {
      const health = dependencies.health(context.trusted);
      return { status: health.database === "ok" ? 200 : 503, body: health };
    },
    options,
  );
  mount(router, "getSystem", () => dependencies.system(), options);
}

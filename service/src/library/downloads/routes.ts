import type { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { Downloads } from "./service.ts";

export function mountDownloadRoutes(router: Router, downloads: Downloads, options: RouteOptions): void {
  mount(router, "listDownloads", ({ query }) => downloads.list(query), options);
  mount(
    router,
    "createDownload",
    ({ body }) => {
      const { download, created } = downloads.create(body);
      return { status: created ? 201 : 200, body: download };
    },
    options,
  );
  mount(router, "getDownload", ({ params }) => downloads.get(params.id), options);
  mount(router, "updateDownload", ({ params, body }) => downloads.update(params.id, body), options);
  mount(
    router,
    "repairModel",
    ({ params }) => {
      const { download, created } = downloads.repair(`${params.owner}/${params.name}`);
      return { status: created ? 201 : 200, body: download };
    },
    options,
  );
  mount(router, "cancelDownload", ({ params }) => downloads.cancel(params.id), options);
  mount(router, "pauseDownload", ({ params }) => downloads.pause(params.id), options);
  mount(router, "resumeDownload", ({ params }) => downloads.resume(params.id), options);
  mount(router, "retryDownload", ({ params }) => downloads.retry(params.id), options);
}

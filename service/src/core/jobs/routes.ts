import type { Router } from "express";
import { sendLog } from "../../platform/http/log-stream.ts";
import { mount, mountStream } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { Jobs } from "./service.ts";

export function mountJobRoutes(router: Router, jobs: Jobs, options: RouteOptions): void {
  mount(router, "listJobs", ({ query }) => jobs.list(query), options);
  mount(router, "getJob", ({ params }) => jobs.get(params.id), options);
  mount(router, "cancelJob", ({ params }) => jobs.cancel(params.id), options);
  mountStream(router, "getJobLogs", ({ params, query, context }, response) =>
    sendLog(jobs.log(params.id), response, { ...query, signal: context.signal }),
  );
}

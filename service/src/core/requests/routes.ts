import type { Router } from "express";
import { sendText } from "../../platform/http/log-stream.ts";
import { mount, mountStream } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { PresentFigures } from "./metrics.ts";
import { metricsContentType } from "./metrics-text.ts";
import type { Requests } from "./service.ts";

export interface RequestRouteOptions extends RouteOptions {
  /** What `/metrics` tells besides the requests. */
  readonly present: () => PresentFigures;
}

export function mountRequestRoutes(router: Router, requests: Requests, options: RequestRouteOptions): void {
  mount(router, "listRequests", ({ query }) => requests.list(query), options);
  mount(router, "getRequestStats", ({ query }) => requests.stats(query), options);
  mountStream(router, "exportRequests", ({ query, context }, response) => {
    const type = query.format === "csv" ? "text/csv" : "application/x-ndjson";
    response.set("content-disposition", `attachment; filename="requests.${query.format}"`);
    return sendText(requests.export(query), response, context.signal, `${type}; charset=utf-8`);
  });
  mount(router, "getRequest", ({ params }) => requests.get(params.id), options);
  mountStream(router, "getMetrics", (_input, response) => {
    response.setHeader("content-type", metricsContentType);
    response.setHeader("cache-control", "no-store");
    response.end(requests.metrics(options.present()));
  });
}

import type { Router } from "express";
import { sendText } from "../../platform/http/log-stream.ts";
import { mount, mountStream } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { Requests } from "./service.ts";

export function mountRequestRoutes(router: Router, requests: Requests, options: RouteOptions): void {
  mount(router, "listRequests", ({ query }) => requests.list(query), options);
  mount(router, "getRequestStats", ({ query }) => requests.stats(query), options);
  mountStream(router, "exportRequests", ({ query, context }, response) => {
    const type = query.format === "csv" ? "text/csv" : "application/x-ndjson";
    response.set("content-disposition", `attachment; filename="requests.${query.format}"`);
    return sendText(requests.export(query), response, context.signal, `${type}; charset=utf-8`);
  });
  mount(router, "getRequest", ({ params }) => requests.get(params.id), options);
}

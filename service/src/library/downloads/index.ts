export { createDownloads } from "./service.ts";
export type { Downloads, DownloadsDependencies, DownloadSettings } from "./service.ts";
export type { StaleParts } from "./leftovers.ts";
export { mountDownloadRoutes } from "./routes.ts";
export { planFiles } from "./plan.ts";

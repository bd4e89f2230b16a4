export { createDownloads } from "./service.ts";
export type { Downloads, DownloadsDependencies } from "./service.ts";
export { mountDownloadRoutes } from "./routes.ts";

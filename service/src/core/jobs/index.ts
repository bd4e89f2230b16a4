export { createJobs } from "./service.ts";
export type { JobContext, JobProgress, JobRunner, Jobs } from "./service.ts";
export { mountJobRoutes } from "./routes.ts";

export { writeHubError } from "./errors.ts";
export { mountMirrorRoutes } from "./routes.ts";
export { createMirror } from "./service.ts";
export type { Mirror, MirrorDependencies } from "./service.ts";

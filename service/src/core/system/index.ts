export { createMachine } from "./service.ts";
export type { Machine } from "./service.ts";
export { engineSupport } from "./support.ts";
export { mountSystemRoutes } from "./routes.ts";

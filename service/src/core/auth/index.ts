export { createAuth, requireKey } from "./service.ts";
export type { Auth } from "./service.ts";
export { loadAdminKey } from "./keys.ts";
export { createNamedKeys } from "./named-keys.ts";
export type { NamedKeys } from "./named-keys.ts";
export { mountKeyRoutes } from "./routes.ts";

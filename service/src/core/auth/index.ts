export { createAuth, requireKey } from "./service.ts";
export type { Auth } from "./service.ts";
export { loadAdminKey } from "./keys.ts";

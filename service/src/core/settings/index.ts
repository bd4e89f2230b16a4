export { createSettings } from "./service.ts";
export type { Settings } from "./service.ts";
export type { FixedSettings } from "./precedence.ts";
export { mountSettingsRoutes } from "./routes.ts";

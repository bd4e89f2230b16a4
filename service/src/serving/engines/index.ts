export { createEngines } from "./service.ts";
export type { EngineEnvironment, Engines, EnginesDependencies, InstallProgress } from "./service.ts";
export { mountEngineRoutes } from "./routes.ts";

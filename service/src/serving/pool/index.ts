export { createPool } from "./service.ts";
export type { Pool, PoolDependencies, PoolProfiles, StartOptions } from "./pool.ts";
export type { ForecastMemory, MemoryForecast } from "./admission.ts";
export type { Lease, LoadProgress } from "./lease.ts";
export type { Command, EngineCommand, EngineEnvironment, ModelLocation } from "./engine-command.ts";
export { mountPoolRoutes } from "./routes.ts";

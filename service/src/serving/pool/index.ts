export { createPool } from "./service.ts";
export type { Pool, PoolDependencies, PoolProfiles, StartOptions } from "./pool.ts";
export type { ClusterTools } from "./units/create-unit.ts";
export type { ForecastMemory, MemoryForecast } from "./scheduling/admission.ts";
export type { Lease, LoadProgress } from "./lease.ts";
export type { Command, EngineCommand, EngineEnvironment, ModelLocation } from "./units/process/engine-command.ts";
export { mountPoolRoutes } from "./routes.ts";
export { roomText } from "./scheduling/refusals.ts";

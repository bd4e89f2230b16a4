export { createConverting } from "./service.ts";
export type { Converting, ConvertingDependencies, ConvertingParts } from "./service.ts";
export { mountConvertingRoutes } from "./routes.ts";

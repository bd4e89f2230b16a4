export { createSearch } from "./service.ts";
export type { Search, SearchDependencies } from "./service.ts";
export { mountSearchRoutes } from "./routes.ts";

export { createProfiles } from "./service.ts";
export type { ProfileModels, Profiles, ProfilesDependencies } from "./service.ts";
export type { ResolvedBy, ResolvedName } from "./resolver.ts";
export { mountProfileRoutes } from "./routes.ts";

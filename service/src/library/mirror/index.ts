export { writeHubError } from "./errors.ts";
export { createPeers } from "./peers.ts";
export type { Peers, PeersDependencies } from "./peers.ts";
export { mountMirrorRoutes } from "./routes.ts";
export { createMirror } from "./service.ts";
export type { Mirror, MirrorDependencies } from "./service.ts";

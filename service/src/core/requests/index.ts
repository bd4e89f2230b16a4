export { createRequests } from "./service.ts";
export type { Requests } from "./service.ts";
export type { RequestRow } from "./store.ts";

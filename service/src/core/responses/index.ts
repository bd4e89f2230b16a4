export { createResponses } from "./service.ts";
export type { Responses } from "./service.ts";
export type { StoredResponse, StoredTurn } from "./store.ts";

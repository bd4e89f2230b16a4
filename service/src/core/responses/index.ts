export { createResponses } from "./service.ts";
export type { OwnResponses, Responses } from "./service.ts";
export type { StoredResponse, StoredTurn } from "./store.ts";

export { createRequests } from "./service.ts";
export type { Requests, RequestsDependencies } from "./service.ts";
export { mountRequestRoutes } from "./routes.ts";
export type { AnswerBlock, RequestTexts } from "./clean-texts.ts";
export type { RequestRow } from "./request-row.ts";

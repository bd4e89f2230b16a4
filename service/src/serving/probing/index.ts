export { createProbing } from "./service.ts";
export type { Probing, ProbingDependencies } from "./service.ts";
export type { ProbeAnswer, ProbeAsk, ProbeQuestion } from "./question.ts";
export { mountProbingRoutes } from "./routes.ts";

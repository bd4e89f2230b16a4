export { createAskModel } from "./ask-model.ts";
export type { AskModel, HeardAnswer, Question } from "./ask-model.ts";
export { createGateway } from "./routes.ts";
export { gatewayErrorWriter } from "./error-writers.ts";
export { writeOpenAIError } from "./openai/errors.ts";
export type { GatewayDependencies } from "./dependencies.ts";
export { createPromptTokens } from "./tokens/prompt-tokens.ts";

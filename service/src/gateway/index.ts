export { createGateway } from "./routes.ts";
export { writeOpenAIError } from "./openai/errors.ts";
export type { GatewayDependencies } from "./dependencies.ts";

export { createSecrets } from "./service.ts";
export type { Secrets, SecretsOptions } from "./secrets.ts";

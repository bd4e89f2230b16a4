import type { IncomingHttpHeaders } from "node:http";
import type { ErrorWriter } from "../platform/http/errors.ts";
import { writeAnthropicError } from "./anthropic/errors.ts";
import { isAnthropicClient } from "./anthropic/models.ts";
import { writeOpenAIError } from "./openai/errors.ts";

/** The form of an error below `/v1`: each protocol has its own, and what two share goes by who asks. */
export function gatewayErrorWriter(path: string, headers: IncomingHttpHeaders): ErrorWriter {
  if (/^\/v1\/messages(\/|$)/i.test(path)) return writeAnthropicError;
  const isShared = /^\/v1\/models(\/|$)/i.test(path);
  return isShared && isAnthropicClient(headers) ? writeAnthropicError : writeOpenAIError;
}

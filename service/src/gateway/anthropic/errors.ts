import type { AnthropicError } from "../../contract/anthropic.ts";
import type { ErrorCode } from "../../contract/error.ts";
import type { AppError } from "../../platform/errors.ts";
import type { ErrorWriter } from "../../platform/http/errors.ts";
import { sourceOf } from "../failures.ts";

/** Errors in Anthropic's shape, which its clients tell apart by their type. */
export const writeAnthropicError: ErrorWriter = (error, requestId) => ({
  status: error.status,
  body: anthropicErrorBody(error, requestId),
  headers: { "request-id": requestId },
});

export function anthropicErrorBody(error: AppError, requestId: string | null): AnthropicError {
  return {
    type: "error",
    error: {
      type: errorType(error.status),
      message: messageOf(error),
      code: error.code satisfies ErrorCode,
      source: sourceOf(error),
      ...threadDetails(error),
    },
    request_id: requestId,
  };
}

/** By this the official clients' tool runners, which begin with a thread, send the whole conversation instead. */
function threadDetails({ details }: AppError): Pick<AnthropicError["error"], "details"> {
  if (details?.["param"] !== "thread") return {};
  return { details: { error_code: "thread_unsupported_request", unsupported: ["thread"] } };
}

function errorType(status: number): AnthropicError["error"]["type"] {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
      return "overloaded_error";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}

/** Claude Code knows a prompt that is too long by these very words, and shortens the conversation then. */
function messageOf({ code, message, details }: AppError): string {
  if (code === "context_overflow") {
    const { promptTokens, contextTokens } = details ?? {};
    if (typeof promptTokens === "number" && typeof contextTokens === "number")
      return `prompt is too long: ${promptTokens} tokens > ${contextTokens} maximum`;
    return `prompt is too long: ${message}`;
  }
  const job = details?.["jobId"];
  return typeof job === "string" && !message.includes(job) ? `${message} (job ${job})` : message;
}

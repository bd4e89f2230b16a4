import type { ErrorCode } from "../../contract/error.ts";
import type { AppError } from "../../platform/errors.ts";
import type { ErrorWriter } from "../../platform/http/errors.ts";
import { sourceOf, withJob } from "../failures.ts";

/** Errors under `/v1` in OpenAI's shape; `source` says whether we or the engine failed. */
export const writeOpenAIError: ErrorWriter = (error) => ({ status: error.status, body: openAIErrorBody(error) });

export function openAIErrorBody(error: AppError) {
  const param = error.details?.["param"];
  return {
    error: {
      message: overflowMessage(error) ?? withJob(error),
      type: errorType(error.status),
      param: typeof param === "string" ? param : fieldOf(error),
      code: codeOf(error.code),
      source: sourceOf(error),
    },
  };
}

/** Agents shorten their conversation by OpenAI's own code and words. */
function codeOf(code: ErrorCode): string {
  return code === "context_overflow" ? "context_length_exceeded" : code;
}

function overflowMessage({ code, message, details }: AppError): string | null {
  const context = details?.["contextTokens"];
  const isKnown = code === "context_overflow" && typeof context === "number";
  return isKnown ? `This model's maximum context length is ${context} tokens. ${message}` : null;
}

function errorType(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

/** The field a failed validation names first. */
function fieldOf({ details }: AppError): string | null {
  const issues = details?.["issues"];
  const path = Array.isArray(issues) ? (issues[0] as { path?: unknown } | undefined)?.path : undefined;
  return typeof path === "string" && path !== "" ? path : null;
}

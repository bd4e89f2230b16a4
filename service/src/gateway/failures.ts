import type { ErrorCode } from "../contract/error.ts";
import { AppError, isAppError } from "../platform/errors.ts";
import type { ErrorPart, ErrorSource } from "./parts.ts";

const engineCodes: ReadonlySet<ErrorCode> = new Set(["engine_failed", "engine_timeout"]);
const retryableCodes: ReadonlySet<ErrorCode> = new Set([
  "engine_failed",
  "engine_not_installed",
  "engine_timeout",
  "insufficient_memory",
  "queue_full",
  "service_stopping",
]);

/** Who failed: what the error says of itself, else by its code. */
export function sourceOf(error: AppError): ErrorSource {
  const said = error.details?.["source"];
  if (said === "gateway" || said === "engine") return said;
  return engineCodes.has(error.code) ? "engine" : "gateway";
}

/** Some agents know an error within a stream by its words alone: at these they repeat the request. */
export const retryAdvice = "Try your request again.";

export function engineFailed(message: string, cause?: unknown): AppError {
  return new AppError("engine_failed", message, { cause, details: { source: "engine" } });
}

/** What was thrown while an engine answered. Foreign errors are the connection's: it broke, the engine is gone or hangs. */
export function toErrorPart(error: unknown): ErrorPart {
  const known = isAppError(error) ? error : engineFailed(`The connection to the engine broke. ${retryAdvice}`, error);
  const { code, message } = known;
  return { type: "error", code, message, source: sourceOf(known), retryable: retryableCodes.has(code) };
}

export function fromErrorPart({ code, message, source }: ErrorPart): AppError {
  return new AppError(code, message, { details: { source } });
}

/** For protocols whose errors have no place for facts: a client that waits for an installation wants to follow its job. */
export function withJob({ message, details }: AppError): string {
  const job = details?.["jobId"];
  return typeof job === "string" && !message.includes(job) ? `${message} (job ${job})` : message;
}

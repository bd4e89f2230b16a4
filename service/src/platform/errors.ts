import { types } from "node:util";
import { errorStatus } from "../contract/error.ts";
import type { ErrorCode, Failure } from "../contract/error.ts";

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Facts for programs; travels to the client, so no secrets and no absolute local paths. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The only error a client sees as itself. `message` is user text: short, plain, naming the next step.
 * Anything else thrown is logged whole and shown as `internal`.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
  }

  get status(): number {
    return errorStatus[this.code];
  }
}

export function isAppError(error: unknown): error is AppError {
  return error instanceof AppError;
}

/** The error as rows and events carry it. Foreign errors become `internal` without their text: it may hold paths. */
export function toFailure(error: unknown): Failure {
  if (isAppError(error)) {
    return { code: error.code, message: error.message, ...(error.details ? { details: { ...error.details } } : {}) };
  }
  return { code: "internal", message: "Something went wrong inside MLX Manager. See the service log." };
}

/** True for the errors an `AbortSignal` produces: an abort is a decision, not a failure. */
export function isAbort(error: unknown): boolean {
  return isError(error) && (error.name === "AbortError" || (error as { code?: string }).code === "ABORT_ERR");
}

/** The `code` of a Node system error (`ENOENT`, `ENOSPC`, …), else undefined. */
export function systemCode(error: unknown): string | undefined {
  const code = isError(error) ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** Also true for errors of another realm, as Node's core throws them under a test runner's virtual machine. */
function isError(error: unknown): error is Error {
  return error instanceof Error || types.isNativeError(error) || error instanceof DOMException;
}

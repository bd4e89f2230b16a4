import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import type { ExitCode } from "./exit-codes.ts";

export interface CommandErrorOptions {
  readonly exitCode?: ExitCode;
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly requestId?: string | undefined;
}

/**
 * The only error a person sees as itself: `message` is plain text that names the next step. `code` is one of the
 * contract's, or `not_running`, `usage`, `configuration`, `interrupted` for what the service never saw.
 */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly requestId: string | undefined;

  constructor(code: string, message: string, options: CommandErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.exitCode = options.exitCode ?? exitCodeOf(code);
    this.details = options.details;
    this.requestId = options.requestId;
  }

  /** The body that `--json` prints: the API's own shape of an error. */
  toJSON(): object {
    return {
      error: {
        code: this.code,
        message: this.message,
        ...(this.details ? { details: this.details } : {}),
        ...(this.requestId === undefined ? {} : { requestId: this.requestId }),
      },
    };
  }
}

export function usageError(message: string): CommandError {
  return new CommandError("usage", message, { exitCode: exitCodes.usage });
}

export function configurationError(message: string, cause?: unknown): CommandError {
  return new CommandError("configuration", message, { exitCode: exitCodes.configuration, cause });
}

/** Ctrl-C. `message` says what goes on, or how to take it up again. */
export function interruptedError(message: string): CommandError {
  return new CommandError("interrupted", message, { exitCode: exitCodes.interrupted });
}

export function notFoundError(message: string): CommandError {
  return new CommandError("not_found", message);
}

import type { ErrorCode } from "../contract/error.ts";

/** What the program tells its caller. Documented in `docs/cli.md`; `serve` uses the same numbers. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** `serve`: another one runs already. Every other verb: none runs. */
  notRunning: 3,
  configuration: 4,
  notFound: 5,
  unauthorized: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit code of an error that the service answered; codes of a newer service count as `failed`. */
export function exitCodeOf(code: string): ExitCode {
  return byErrorCode[code as ErrorCode] ?? exitCodes.failed;
}

const byErrorCode: Partial<Record<ErrorCode, ExitCode>> = {
  invalid_request: exitCodes.usage,
  unauthorized: exitCodes.unauthorized,
  forbidden: exitCodes.unauthorized,
  not_found: exitCodes.notFound,
  model_not_found: exitCodes.notFound,
  revision_not_found: exitCodes.notFound,
  repo_not_found_or_private: exitCodes.notFound,
};

/**
 * What can go wrong on the way to the service, told apart: it was not reached (`network`), it answered with an error
 * (`answer`), or something answered that is not our service (`foreign`).
 */
export type ApiErrorKind = "network" | "answer" | "foreign";

export interface ApiErrorFacts {
  status?: number;
  /** The contract's error code; unknown codes count as `internal`. */
  code?: string;
  details?: Record<string, unknown> | undefined;
  requestId?: string | undefined;
  cause?: unknown;
}

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly kind: ApiErrorKind;
  readonly status: number | undefined;
  readonly code: string;
  readonly details: Record<string, unknown> | undefined;
  readonly requestId: string | undefined;

  constructor(kind: ApiErrorKind, message: string, facts: ApiErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.kind = kind;
    this.status = facts.status;
    this.code = facts.code ?? "internal";
    this.details = facts.details;
    this.requestId = facts.requestId;
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}

/** Whatever `fetch` threw, as one of ours. An abort stays what it is. */
export function networkError(error: unknown, address: string): unknown {
  if (isAbort(error) || error instanceof ApiError) return error;
  const code = errnoOf(error);
  const why = code === "ECONNREFUSED" ? "Nothing listens there." : `${code ?? String(error)}.`;
  return new ApiError("network", `The service at ${address} could not be reached. ${why}`, {
    code: code ?? "network",
    cause: error,
  });
}

/** An error answer of `/api` or `/v1`; anything else with an error status is not our service. */
export function answerError(status: number, body: unknown): ApiError {
  const error = (body as { error?: Record<string, unknown> } | null | undefined)?.error;
  if (typeof error !== "object" || error === null || typeof error["message"] !== "string") {
    return new ApiError("foreign", `Something answered with status ${status}, but not as MLX Manager does.`, {
      status,
    });
  }
  return new ApiError("answer", error["message"], {
    status,
    code: typeof error["code"] === "string" ? error["code"] : "internal",
    details: error["details"] as Record<string, unknown> | undefined,
    requestId: error["requestId"] as string | undefined,
  });
}

/** Everything worth handing on, for the clipboard. */
export function errorReport(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const facts = [
    error.message,
    `code: ${error.code}`,
    error.status === undefined ? undefined : `status: ${error.status}`,
    error.requestId === undefined ? undefined : `request: ${error.requestId}`,
    error.details === undefined ? undefined : `details: ${JSON.stringify(error.details, null, 2)}`,
  ];
  return facts.filter((fact) => fact !== undefined).join("\n");
}

/** One line for a person. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function errnoOf(error: unknown): string | undefined {
  const { code, errno, cause } = (error ?? {}) as { code?: unknown; errno?: unknown; cause?: unknown };
  if (typeof code === "string") return code;
  if (typeof errno === "string") return errno;
  return cause === undefined ? undefined : errnoOf(cause);
}

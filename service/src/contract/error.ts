import * as z from "zod";

/** Every error code with the HTTP status it travels under: the one table for service and clients. */
export const errorStatus = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  forbidden_origin: 403,
  forbidden_host: 403,
  not_found: 404,
  model_not_found: 404,
  revision_not_found: 404,
  repo_not_found_or_private: 404,
  method_not_allowed: 405,
  conflict: 409,
  model_in_use: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  insufficient_memory: 507,
  disk_full: 507,
  gated_no_token: 403,
  gated_not_accepted: 403,
  token_invalid: 403,
  rate_limited: 429,
  queue_full: 429,
  offline: 503,
  hub_unreachable: 502,
  endpoint_not_a_hub: 502,
  proxy_failed: 502,
  tls_failed: 502,
  checksum_mismatch: 502,
  engine_not_installed: 503,
  engine_failed: 502,
  engine_timeout: 504,
  context_overflow: 400,
  unsupported: 400,
  service_stopping: 503,
  internal: 500,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof errorStatus;

export const errorCodes = Object.keys(errorStatus) as [ErrorCode, ...ErrorCode[]];

export const ErrorCodeSchema = z
  .enum(errorCodes)
  .meta({ id: "ErrorCode", description: "The list may grow: treat an unknown code as `internal`." });

export const ErrorBody = z
  .strictObject({
    error: z.strictObject({
      code: ErrorCodeSchema,
      message: z.string(),
      details: z.record(z.string(), z.unknown()).optional(),
      requestId: z.string(),
    }),
  })
  .meta({ id: "ErrorBody" });

/** An error as part of a row or an event: what went wrong and, in `message`, the next step. */
export const Failure = z
  .strictObject({ code: ErrorCodeSchema, message: z.string(), details: z.record(z.string(), z.unknown()).optional() })
  .meta({ id: "Failure" });
export type Failure = z.infer<typeof Failure>;

import nodeFetch from "node-fetch";
import type { Connection } from "./connection.ts";
import { answerError, ApiError, networkError } from "./errors.ts";
import type { Health } from "./schemas.ts";

const PATIENCE_MS = 5_000;

/**
 * Asks whether the service is there, without the key: who listens on the port is not known yet.
 * A service in trouble answers too, with status 503. @throws ApiError: `network` not reached, `foreign` somebody else.
 */
export async function fetchHealth(connection: Connection, signal: AbortSignal): Promise<Health> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    const response = await nodeFetch(`${connection.address}/api/health`, {
      signal: AbortSignal.any([signal, patience]) as never,
      redirect: "manual",
    });
    const body = (await response.json()) as Partial<Health> | null;
    if (typeof body?.apiVersion === "number" && typeof body.version === "string") return body as Health;
    // A refusal of ours, for example of a Host name the service does not know; answerError tells it from a stranger's.
    throw answerError(response.status, body);
  } catch (error) {
    if (patience.aborted && !signal.aborted) throw tooSlow(connection, error);
    throw isNotHttp(error) ? foreign(connection, error) : networkError(error, connection.address);
  }
}

function tooSlow({ address }: Connection, cause: unknown): ApiError {
  return new ApiError("network", `The service at ${address} did not answer in time.`, { code: "ETIMEDOUT", cause });
}

function foreign({ address }: Connection, cause: unknown): ApiError {
  return new ApiError("foreign", `Another program answers at ${address}.`, { cause });
}

/** A body that is not JSON, or an answer that is not HTTP: somebody is there, but not our service. */
function isNotHttp(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code ?? "");
  return error instanceof SyntaxError || (error as Error | null)?.name === "SyntaxError" || code.startsWith("HPE_");
}

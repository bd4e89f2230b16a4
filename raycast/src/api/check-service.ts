import { bodyOf, createClient } from "./client.ts";
import { isOnThisMachine } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { ApiError } from "./errors.ts";
import { fetchHealth } from "./health.ts";

/** The versions of the service's API that this extension speaks, both included. */
export const SPOKEN_VERSIONS = { lowest: 1, highest: 1 } as const;

/** What stands between the user and the service. */
export type ServiceStatus =
  | { kind: "ready"; connection: Connection }
  /** Nothing listens. `program`: where the service is installed; undefined: nowhere we know. */
  | { kind: "stopped"; connection: Connection; program: string }
  | { kind: "not-installed"; connection: Connection }
  | { kind: "unreachable"; connection: Connection; reason: string }
  | { kind: "port-taken"; connection: Connection }
  | { kind: "service-too-old"; connection: Connection; version: string }
  | { kind: "extension-too-old"; connection: Connection; version: string }
  | { kind: "key-needed"; connection: Connection }
  | { kind: "key-refused"; connection: Connection }
  | { kind: "unwell"; connection: Connection; reason: string };

export interface CheckOptions {
  connection: Connection;
  signal: AbortSignal;
  /** Looks for the installed program. */
  findProgram(): string | undefined;
}

/** Finds out how the service is. @throws the abort only. */
export async function checkService({ connection, signal, findProgram }: CheckOptions): Promise<ServiceStatus> {
  try {
    const health = await fetchHealth(connection, signal);
    const { version, apiVersion } = health;
    if (apiVersion < SPOKEN_VERSIONS.lowest) return { kind: "service-too-old", connection, version };
    if (apiVersion > SPOKEN_VERSIONS.highest) return { kind: "extension-too-old", connection, version };
    if (health.status === "stopping") return { kind: "unwell", connection, reason: "The service is shutting down." };
    if (health.status === "error" || health.database === "error") {
      return { kind: "unwell", connection, reason: "The service cannot use its database." };
    }
    return health.authRequired ? await checkKey(connection, signal) : { kind: "ready", connection };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return failedStatus(error, connection, findProgram);
  }
}

async function checkKey(connection: Connection, signal: AbortSignal): Promise<ServiceStatus> {
  if (connection.key === undefined) return { kind: "key-needed", connection };
  try {
    await bodyOf(createClient(connection).GET("/api/engines", { signal }));
    return { kind: "ready", connection };
  } catch (error) {
    // 403: the key is good, but only for asking models.
    if (error instanceof ApiError && (error.status === 401 || error.code === "forbidden")) {
      return { kind: "key-refused", connection };
    }
    throw error;
  }
}

function failedStatus(error: ApiError, connection: Connection, findProgram: () => string | undefined): ServiceStatus {
  if (error.kind === "foreign") return { kind: "port-taken", connection };
  if (error.kind === "answer") return { kind: "unwell", connection, reason: error.message };
  if (!isOnThisMachine(connection.address) || error.code !== "ECONNREFUSED") {
    // A stranger that speaks no HTTP hangs up, or waits for ever.
    const isStranger = error.code === "ECONNRESET" || error.code === "ERR_STREAM_PREMATURE_CLOSE";
    return isStranger ? { kind: "port-taken", connection } : { kind: "unreachable", connection, reason: error.message };
  }
  const program = findProgram();
  return program === undefined ? { kind: "not-installed", connection } : { kind: "stopped", connection, program };
}

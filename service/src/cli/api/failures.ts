import * as z from "zod";
import { CommandError } from "../command-error.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Connection } from "./connection.ts";

/** Both shapes of an error: the API's, and OpenAI's under `/v1`. Lax, because a newer service may say more. */
const ErrorReply = z.looseObject({
  error: z.looseObject({
    code: z.string(),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).nullish(),
    requestId: z.string().nullish(),
  }),
});

export function errorOfReply(status: number, text: string, connection: Connection): CommandError {
  const parsed = parseErrorReply(text);
  if (parsed === null) return notOurs(connection, new Error(`status ${status} without an error of ours`));
  if (parsed.code === "unauthorized") return unauthorized(parsed, connection);
  return parsed;
}

/** The error an answer or an event of a stream carries; null when it is none. */
export function parseErrorReply(text: string): CommandError | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  const result = ErrorReply.safeParse(value);
  if (!result.success) return null;
  const { code, message, details, requestId } = result.data.error;
  return new CommandError(code, message, { details: details ?? undefined, requestId: requestId ?? undefined });
}

const noListener = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);

/** What undici or the socket threw. An abort stays what it is: a decision, not a failure. */
export function errorOfTransport(error: unknown, connection: Connection, signal: AbortSignal | undefined): unknown {
  if (error instanceof CommandError || signal?.aborted === true) return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string") return error;
  if (noListener.has(code)) return notRunning(connection, error);
  return new CommandError(
    "connection_lost",
    `The connection to MLX Manager at ${connection.address} broke (${code}). See whether it runs: mlx-manager doctor`,
    { cause: error },
  );
}

export function notRunning({ address }: Connection, cause?: unknown): CommandError {
  return new CommandError(
    "not_running",
    `MLX Manager is not running at ${address}. Start it in another terminal: mlx-manager serve`,
    { exitCode: exitCodes.notRunning, cause },
  );
}

export function notOurs({ address }: Connection, cause: unknown): CommandError {
  return new CommandError(
    "not_mlx_manager",
    `What answers at ${address} is not MLX Manager. Give the right address with --address.`,
    { cause },
  );
}

const keyAdvice = {
  environment: "The key in MLX_MANAGER_API_KEY is refused. Correct it and try again.",
  "cli.json": "The stored key is refused. Store the right one: mlx-manager config key",
  "admin.key": "This service belongs to another data directory. Store its key: mlx-manager config key",
  none: "The service asks for a key. Store it: mlx-manager config key",
} as const;

function unauthorized({ details, requestId }: CommandError, { keySource }: Connection): CommandError {
  return new CommandError("unauthorized", keyAdvice[keySource ?? "none"], { details, requestId });
}

import type { Connection } from "./connection.ts";
import { openStream } from "./open-stream.ts";

export type LogSource = { server: string } | { job: string };

/** The end of a log. @throws ApiError, or the abort as it is. */
export async function fetchLog(connection: Connection, source: LogSource, signal: AbortSignal): Promise<string> {
  const path = "server" in source ? `/api/servers/${source.server}/logs` : `/api/jobs/${source.job}/logs`;
  let log = "";
  for await (const text of openStream({ connection, path: `${path}?tail=200`, signal })) log += text;
  return log;
}

import nodeFetch from "node-fetch";
import { authorization } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { answerError, networkError } from "./errors.ts";

export interface StreamRequest {
  connection: Connection;
  path: string;
  signal: AbortSignal;
  headers?: Record<string, string>;
  /** Sent as JSON by POST; left out: GET. */
  body?: unknown;
}

/**
 * Opens a streamed answer and yields its text as it comes; a character cut in two by the network comes whole.
 * @throws ApiError when the service refuses or is not reached; the abort as it is.
 */
export async function* openStream(request: StreamRequest): AsyncGenerator<string, void, undefined> {
  const { connection, path, signal, headers, body } = request;
  try {
    const response = await nodeFetch(`${connection.address}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...authorization(connection),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal as never,
    });
    if (!response.ok) throw answerError(response.status, parseOrNothing(await response.text()));
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) yield decoder.decode(bytes as Buffer, { stream: true });
    const rest = decoder.decode();
    if (rest !== "") yield rest;
  } catch (error) {
    throw networkError(error, connection.address);
  }
}

/** A proxy or a stranger answers in HTML: no body of ours, and the caller says so. */
function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

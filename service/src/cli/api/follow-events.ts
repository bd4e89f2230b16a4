import type { EventTopic, ServerEvent, Snapshot } from "../../contract/events.ts";
import type { Client } from "./client.ts";
import { errorOfTransport, notRunning } from "./failures.ts";
import { readServerSentEvents } from "./server-sent-events.ts";

export type Followed = { readonly type: "snapshot"; readonly data: Snapshot } | ServerEvent;

/**
 * A snapshot of the topics, then every change. Ends by the signal alone: a service that goes away is an error.
 * @throws CommandError `not_running` when the stream ends
 */
export async function* followEvents(
  client: Client,
  topics: readonly EventTopic[],
  signal: AbortSignal,
): AsyncGenerator<Followed> {
  const body = await client.open("streamEvents", { query: { topics: topics.join(",") }, signal });
  try {
    for await (const { event, data } of readServerSentEvents(body)) {
      if (signal.aborted) return;
      if (data === null) continue;
      const value: unknown = JSON.parse(data);
      yield event === "snapshot" ? { type: "snapshot", data: value as Snapshot } : (value as ServerEvent);
    }
  } catch (error) {
    if (signal.aborted) return;
    throw errorOfTransport(error, client.connection, signal);
  } finally {
    body.destroy();
  }
  if (!signal.aborted) throw notRunning(client.connection);
}

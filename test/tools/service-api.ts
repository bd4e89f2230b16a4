import { readEventStream } from "./event-source.ts";
import type { ServerEvent, Snapshot } from "../../service/src/contract/events.ts";

/** A client of a running service for tests: whole answers and the event stream. */
export interface ServiceApi {
  get<Body>(path: string): Promise<Body>;
  send<Body>(method: string, path: string, body?: unknown): Promise<Body>;
  /** Resolves with what `find` answers, looking at the first snapshot and then at every event. */
  until<Found>(
    topics: string,
    find: (seen: { snapshot?: Snapshot; event?: ServerEvent }) => Found | null | undefined,
  ): Promise<Found>;
}

export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly status: number;
  readonly body: { error: { code: string; message: string; details?: Record<string, unknown> } };

  constructor(status: number, body: ApiFailure["body"]) {
    super(`${status} ${JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

export function serviceApi(address: string, headers: Readonly<Record<string, string>> = {}): ServiceApi {
  const send = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const parsed = JSON.parse(await response.text()) as Body;
    if (!response.ok) throw new ApiFailure(response.status, parsed as ApiFailure["body"]);
    return parsed;
  };
  return {
    get: (path) => send("GET", path),
    send,
    async until(topics, find) {
      const controller = new AbortController();
      try {
        const response = await fetch(`${address}/api/events?topics=${topics}`, { headers, signal: controller.signal });
        for await (const { event, data } of readEventStream(response)) {
          const found = find(event === "snapshot" ? { snapshot: data as Snapshot } : { event: data as ServerEvent });
          if (found !== null && found !== undefined) return found;
        }
      } finally {
        controller.abort();
      }
      throw new Error(`The event stream of ${topics} ended before what was waited for.`);
    },
  };
}

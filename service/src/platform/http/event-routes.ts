import type { Router } from "express";
import { topicOf } from "../../contract/events.ts";
import type { EventTopic, ServerEvent, Snapshot } from "../../contract/events.ts";
import type { Clock } from "../clock.ts";
import type { Events } from "../events.ts";
import { mountStream } from "./route.ts";
import { openEventStream } from "./sse.ts";

export interface EventRoutesDependencies {
  readonly events: Events;
  readonly clock: Clock;
  /** The present state of the chosen topics; synchronous, so that nothing happens between it and listening. */
  readonly snapshot: (topics: ReadonlySet<EventTopic>) => Snapshot;
}

/** `GET /api/events`: a snapshot, then deltas; `Last-Event-ID` inside the ring resumes without a snapshot. */
export function mountEventRoutes(router: Router, { events, clock, snapshot }: EventRoutesDependencies): void {
  mountStream(router, "streamEvents", ({ query, context }, response) => {
    const topics = new Set<EventTopic>(query.topics);
    let stop: () => void = () => undefined;
    const stream = openEventStream(response, { clock, onClose: () => stop() });
    const missed =
      typeof response.req.headers["last-event-id"] === "string"
        ? events.since(response.req.headers["last-event-id"], topics)
        : null;
    if (missed === null) stream.send({ event: "snapshot", data: snapshot(topics) });
    else for (const event of missed) sendEvent(stream, event);
    stream.opened();
    stop = events.listen((event) => {
      if (topics.has(topicOf[event.type])) sendEvent(stream, event);
    });
    if (stream.closed || context.signal.aborted) stop();
  });
}

function sendEvent(stream: ReturnType<typeof openEventStream>, event: ServerEvent): void {
  stream.send({ id: event.id, event: event.type, data: event });
}

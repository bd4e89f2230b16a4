import { once } from "node:events";
import http from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { EventTopic, ServerEvent } from "../../../service/src/contract/events.ts";
import { createEvents } from "../../../service/src/platform/events.ts";
import type { Events } from "../../../service/src/platform/events.ts";
import { mountEventRoutes } from "../../../service/src/platform/http/event-routes.ts";
import { readEventStream } from "../../tools/event-source.ts";
import { manualClock } from "../../tools/manual-clock.ts";
import type { ManualClock } from "../../tools/manual-clock.ts";
import { startHttpWorld } from "./http-world.ts";
import type { HttpWorld } from "./http-world.ts";

let world: HttpWorld;
let clock: ManualClock;
let events: Events;
/** The bus as the route sees it, with how many listen and a word when one more or less does. */
let listeners: { count: number; changed: () => void };
let modelCount: number;
let whileTakingSnapshot: () => void;

beforeEach(async () => {
  clock = manualClock();
  const bus = createEvents({ clock, boot: "boot1", onListenerError: (error) => expect(error).toBeUndefined() });
  // Streams of the test before may still be closing: each test counts its own.
  const own = { count: 0, changed: () => undefined as void };
  listeners = own;
  events = {
    ...bus,
    listen(listener) {
      const stop = bus.listen(listener);
      own.count += 1;
      own.changed();
      let stopped = false;
      return () => {
        if (stopped) return;
        stopped = true;
        stop();
        own.count -= 1;
        own.changed();
      };
    },
  };
  modelCount = 0;
  whileTakingSnapshot = () => undefined;
  const snapshot = (topics: ReadonlySet<EventTopic>) => {
    whileTakingSnapshot();
    const models = Array.from({ length: modelCount }, (_, index) => ({
      id: `owner/model-${index}`,
      pad: "x".repeat(1000),
    }));
    return {
      at: "2026-01-01T00:00:00.000Z",
      ...(topics.has("models") ? { models } : {}),
      ...(topics.has("jobs") ? { jobs: [] } : {}),
    };
  };
  world = await startHttpWorld({
    mountMore: (api) => mountEventRoutes(api, { events, clock, snapshot: snapshot as never }),
  });
});
afterEach(() => world.close());

const listenersBecome = (count: number) =>
  new Promise<void>((resolve) => {
    listeners.changed = () => {
      if (listeners.count === count) resolve();
    };
    listeners.changed();
  });

async function open(query = "", headers: Record<string, string> = {}) {
  const controller = new AbortController();
  const response = await fetch(`${world.address}/api/events${query}`, { headers, signal: controller.signal });
  const stream = readEventStream(response);
  const next = async () => {
    const { value } = await stream.next();
    if (value === undefined) throw new Error("The stream has ended.");
    return value;
  };
  return { response, next, leave: () => controller.abort() };
}

describe("GET /api/events", () => {
  test("gives a snapshot, then every change with its id", async () => {
    const { response, next } = await open();
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(await next()).toMatchObject({ event: "snapshot", id: "", data: { models: [], jobs: [] } });
    events.publish("model.changed", { id: "a/b" });
    const change = await next();
    expect(change).toMatchObject({ event: "model.changed", id: "boot1-1" });
    expect(change.data).toMatchObject({ id: "boot1-1", type: "model.changed", data: { id: "a/b" } });
  });

  test("loses nothing between snapshot and listening", async () => {
    whileTakingSnapshot = () => {
      // Asked for during the snapshot, done as soon as anything else can run at all.
      queueMicrotask(() => events.publish("model.changed", { id: "a/b" }));
      setImmediate(() => events.publish("model.changed", { id: "c/d" }));
    };
    const { next } = await open();
    expect((await next()).event).toBe("snapshot");
    expect([(await next()).id, (await next()).id]).toEqual(["boot1-1", "boot1-2"]);
  });

  test("leaves other topics out, of the snapshot too", async () => {
    const { next } = await open("?topics=models");
    expect((await next()).data).toEqual({ at: expect.any(String), models: [] });
    events.publish("profile.removed", { id: "p" });
    events.publish("model.changed", { id: "a/b" });
    expect((await next()).event).toBe("model.changed");
  });

  test("names the topics that there are, for one that is not", async () => {
    const answer = await world.ask({ path: "/api/events?topics=models,moods" });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("unknown topic moods; known: downloads, engines");
  });

  test("resumes after the last id without a snapshot", async () => {
    for (const id of ["a/1", "a/2", "a/3"]) events.publish("model.changed", { id });
    const { next } = await open("", { "last-event-id": "boot1-1" });
    expect([(await next()).id, (await next()).id]).toEqual(["boot1-2", "boot1-3"]);
    events.publish("model.removed", { id: "a/1" });
    expect(await next()).toMatchObject({ event: "model.removed", id: "boot1-4" });
  });

  test("takes a new snapshot for an id of an earlier run", async () => {
    events.publish("model.changed", { id: "a/b" });
    const { next } = await open("", { "last-event-id": "boot0-1" });
    expect((await next()).event).toBe("snapshot");
  });

  test("sends a heartbeat every 15 seconds", async () => {
    const { next } = await open();
    await next();
    for (let beat = 0; beat < 2; beat += 1) {
      clock.advance(15_000);
      expect((await next()).comment).toBe("heartbeat");
    }
  });

  test("a client that leaves is forgotten: no listener, no timer", async () => {
    const { next, leave } = await open();
    await next();
    await listenersBecome(1);
    const gone = listenersBecome(0);
    leave();
    await gone;
    expect(clock.timers()).toBe(0);
  });
});

describe("a client that does not read", () => {
  /** A client with its hands in its pockets: the answer is never read. */
  async function openUnread() {
    const request = http.get(`${world.address}/api/events`);
    request.on("error", () => undefined);
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    response.pause();
    await listenersBecome(1);
    return { request, response };
  }

  test("is closed once more than 1 MiB waits for it", async () => {
    const { response } = await openUnread();
    const closed = listenersBecome(0);
    const large = { id: "a/b", pad: "x".repeat(256 * 1024) } as never;
    let sent = 0;
    for (; listeners.count > 0 && sent < 1000; sent += 1) {
      events.publish("model.changed", large);
      await new Promise(setImmediate);
    }
    await closed;
    expect(sent).toBeGreaterThan(4);
    expect(clock.timers()).toBe(0);
    response.resume();
    await new Promise((resolve) => response.once("close", resolve).once("error", resolve));
  });

  test("is not closed for a snapshot that is larger than that", async () => {
    modelCount = 20_000;
    const { response } = await openUnread();
    const small: ServerEvent["data"] = { id: "last/one" };
    events.publish("model.changed", small);
    expect(listeners.count).toBe(1);
    response.resume();
    let bytes = 0;
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      if (String(chunk).includes("last/one")) break;
    }
    expect(bytes).toBeGreaterThan(20_000_000);
  });
});

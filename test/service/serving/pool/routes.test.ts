import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { once } from "node:events";
import { createServer } from "node:http";
import type { Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import type { ErrorRequestHandler } from "express";
import type { LogLine, Server } from "../../../../service/src/contract/servers.ts";
import { systemClock } from "../../../../service/src/platform/clock.ts";
import { beginContext } from "../../../../service/src/platform/http/context.ts";
import { createErrorAnswer, writeApiError } from "../../../../service/src/platform/http/errors.ts";
import { createLog } from "../../../../service/src/platform/log.ts";
import { mountPoolRoutes } from "../../../../service/src/serving/pool/index.ts";
import { readEventStream } from "../../../tools/event-source.ts";
import { createWorld, inState } from "./pool-world.ts";

let world: ReturnType<typeof createWorld>;
let http: HttpServer;
beforeEach(async () => {
  world = createWorld();
  const app = express();
  app.use((request, response, next) => {
    beginContext(request, response, "request_1");
    next();
  });
  mountPoolRoutes(app, world.pool, { checkReplies: true, clock: systemClock });
  const answerError = createErrorAnswer(createLog({ debug: false }), () => writeApiError);
  app.use(((error, request, response, _next) => answerError(error, request, response)) satisfies ErrorRequestHandler);
  http = createServer(app).listen(0, "127.0.0.1");
  await once(http, "listening");
});
afterEach(async () => {
  await world.end();
  http.closeAllConnections();
  http.close();
});

describe("the routes of servers", () => {
  test("start answers at once, and with wait when it is ready", async () => {
    const queued = await call("POST", "/api/profiles/p1/start");
    expect([queued.status, queued.body.state]).toEqual([202, expect.stringMatching(/queued|starting/)]);
    const ready = await call("POST", "/api/profiles/p1/start?wait=true");
    expect(ready.body).toMatchObject({ id: queued.body.id, state: "ready" });
    expect((await call("GET", `/api/servers/${queued.body.id}`)).body).toMatchObject({
      state: "ready",
      stderrTail: [],
    });
  });

  test("load, list, restart and unload work by the model's id", async () => {
    const first = await call("POST", "/api/models/a/b/load?wait=true");
    const second = await call("POST", "/api/profiles/p1/restart?wait=true");
    expect(second.body).toMatchObject({ state: "ready" });
    expect(second.body.id).not.toBe(first.body.id);
    const stopped = await call("POST", "/api/models/a/b/unload");
    expect(stopped.body.items).toEqual([expect.objectContaining({ id: second.body.id, state: "stopped" })]);
    const { items, nextCursor } = (await call("GET", "/api/servers?limit=1")).body;
    const rest = await call("GET", `/api/servers?limit=1&cursor=${nextCursor}`);
    expect([...items, ...rest.body.items].map(({ id }) => id)).toEqual([second.body.id, first.body.id]);
    expect((await call("GET", "/api/servers?running=true")).body.items).toEqual([]);
  });

  test("a failed start is the answer to whoever waits, without local paths", async () => {
    Object.assign(world.world.flags, { crashAtStart: "bad weights" });
    const failed = await call("POST", "/api/profiles/p1/start?wait=true");
    expect(failed).toMatchObject({ status: 502, body: { error: { code: "engine_failed" } } });
    expect(JSON.stringify(failed.body)).toContain("RuntimeError: bad weights");
  });

  test("a client that starts a server and leaves does not take it along", async () => {
    Object.assign(world.world.flags, { startDelayMs: 200 });
    const leaving = new AbortController();
    const answer = call("POST", "/api/profiles/p1/start?wait=true", leaving.signal).catch((error: Error) => error.name);
    await world.event(inState("starting"));
    leaving.abort();
    expect(await answer).toBe("AbortError");
    await world.event(inState("ready"));
  });

  test("a log is text, or events of lines with their level for who accepts them, live until the end", async () => {
    Object.assign(world.world.flags, { tracebackAfter: 0 });
    const { body } = await call("POST", "/api/profiles/p1/start?wait=true");
    const path = `${address()}/api/servers/${body.id}/logs`;
    const events = await fetch(`${path}?follow=true`, { headers: { accept: "text/event-stream" } });
    expect(events.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const lines: LogLine[] = [];
    let stopped: Promise<unknown> = Promise.resolve();
    for await (const { event, data } of readEventStream(events)) {
      if (event !== "line") continue;
      lines.push(data as LogLine);
      if ((data as LogLine).text === "RuntimeError: the fake engine complains") stopped = world.pool.stop("p1");
    }
    await stopped;
    expect(lines.map(({ number }) => number)).toEqual(lines.map((_, index) => index + 1));
    expect(lines).toContainEqual(
      expect.objectContaining({ level: "info", kind: "note", text: expect.stringContaining("engine started") }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ level: "error", kind: "traceback", at: expect.any(String) }),
    );
    // Over, it is read from its files: the same lines, without their times.
    const over = await fetch(path, { headers: { accept: "text/event-stream" } });
    const read: LogLine[] = [];
    for await (const { event, data } of readEventStream(over)) if (event === "line") read.push(data as LogLine);
    expect(read).toEqual(lines.map((line) => ({ ...line, at: null })));
    const errors = await (await fetch(`${path}?level=error&tail=2`)).text();
    expect(errors).toBe(
      `${read
        .filter(({ level }) => level === "error")
        .map(({ text }) => `${text}\n`)
        .slice(-2)
        .join("")}`,
    );
    expect((await fetch(`${path}?level=loud`)).status).toBe(400);
  });

  test("logs are plain text, and servers that are not there 404", async () => {
    const { body } = await call("POST", "/api/profiles/p1/start?wait=true");
    const response = await fetch(`${address()}/api/servers/${body.id}/logs`);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/plain; charset=utf-8"]);
    await response.text();
    for (const path of ["/api/servers/nobody", "/api/servers/nobody/logs"])
      expect(await call("GET", path)).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
  });
});

function address(): string {
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

async function call(method: string, path: string, signal: AbortSignal | null = null) {
  const response = await fetch(address() + path, { method, signal });
  const body = (await response.json()) as Server & { items: Server[]; nextCursor: string | null };
  return { status: response.status, body };
}

import { once } from "node:events";
import http from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createHttpServer, listen } from "../../../service/src/app.ts";
import { bodyLimitBytes } from "../../../service/src/platform/http/body.ts";
import { AppError } from "../../../service/src/platform/errors.ts";
import { mount } from "../../../service/src/platform/http/route.ts";
import { startHttpWorld } from "./http-world.ts";
import type { HttpWorld } from "./http-world.ts";

let world: HttpWorld;
beforeEach(async () => {
  world = await startHttpWorld({
    mountMore: (api) =>
      mount(
        api,
        "listEngines",
        () => Promise.reject(new AppError("engine_not_installed", "Wait.", { details: { retryAfterSeconds: 2.5 } })),
        { checkReplies: false },
      ),
  });
});
afterEach(() => world.close());

const json = { "content-type": "application/json" };
const patch = (body: string | Buffer | undefined, headers: Record<string, string> = json) =>
  world.ask({ method: "PATCH", path: "/api/settings", headers, body });
const errorOf = (answer: { json: unknown }) => (answer.json as { error: Record<string, unknown> }).error;

describe("paths and methods", () => {
  test("an unknown path is 404 with method and path", async () => {
    const answer = await world.ask({ path: "/api/nothing" });
    expect(answer.status).toBe(404);
    expect(errorOf(answer)).toMatchObject({ code: "not_found", message: "There is nothing at GET /api/nothing." });
  });

  test("a known path with a wrong method is 405 and names the allowed ones", async () => {
    const answer = await world.ask({ method: "PUT", path: "/api/settings" });
    expect(answer).toMatchObject({ status: 405, headers: { allow: "GET, PATCH" } });
    expect(errorOf(answer).code).toBe("method_not_allowed");
    const other = await world.ask({ method: "DELETE", path: "/api/jobs/some/cancel" });
    expect(other).toMatchObject({ status: 405, headers: { allow: "POST" } });
  });

  test("/v1 is mounted once, and answers in OpenAI's shape", async () => {
    const answer = await world.ask({ path: "/v1/v1/models" });
    expect(answer.status).toBe(404);
    expect(errorOf(answer)).toHaveProperty("type");
  });

  test("a broken percent encoding is 400, not a failure of ours", async () => {
    const answer = await world.ask({ path: "/api/jobs/%E0%A4%A" });
    expect(answer.status).toBe(400);
    expect(errorOf(answer).code).toBe("invalid_request");
  });
});

describe("input", () => {
  test("that is not JSON is 400", async () => {
    for (const body of ["{", "{'a':1}", "undefined", Buffer.from([0x22, 0xff, 0xfe, 0x22])]) {
      const answer = await patch(body);
      expect([answer.status, errorOf(answer).message]).toEqual([400, "The body is not valid JSON."]);
    }
  });

  test.each([
    ["text/plain"],
    ["application/x-www-form-urlencoded"],
    ["application/jsonp"],
    ["text/json"],
    ["application/json; charset=utf-16"],
  ])("of type %s is 415", async (type) => {
    const answer = await patch("{}", { "content-type": type });
    expect([answer.status, errorOf(answer).code]).toEqual([415, "unsupported_media_type"]);
  });

  test("without a type, or compressed, is 415", async () => {
    expect((await patch("{}", {})).status).toBe(415);
    expect((await patch("{}", { ...json, "content-encoding": "gzip" })).status).toBe(415);
  });

  test.each([
    "application/json",
    "application/json; charset=utf-8",
    'Application/JSON;charset="UTF-8"',
    "application/merge-patch+json",
  ])("of type %s is read", async (type) => {
    const answer = await patch('{"hubAuthor":"ü"}', { "content-type": type });
    expect(answer).toMatchObject({ status: 200, json: { hubAuthor: "ü" } });
  });

  test("with a byte order mark, in small pieces or absent, is read", async () => {
    expect((await patch('\uFEFF{"hubAuthor":"a"}')).json).toEqual({ hubAuthor: "a" });
    expect((await patch('{"hubAuthor":"a"}', { ...json, "transfer-encoding": "chunked" })).json).toEqual({
      hubAuthor: "a",
    });
    expect((await patch(undefined)).json).toEqual({});
  });

  test("of wrong types is 400 and names each field", async () => {
    const answer = await patch('{"portStart":"x","drainSeconds":-1,"nothing":1}');
    expect(answer.status).toBe(400);
    const { details, message } = errorOf(answer) as { details: { issues: { path: string }[] }; message: string };
    expect(details.issues.map((issue) => issue.path).sort()).toEqual(["", "drainSeconds", "portStart"]);
    expect(message).toContain('body field "portStart"');
    const query = await world.ask({ path: "/api/jobs?limit=0&state=lost" });
    expect(errorOf(query)).toMatchObject({ code: "invalid_request", details: { where: "query" } });
    const params = await world.ask({ path: "/api/jobs/a.b" });
    expect(errorOf(params)).toMatchObject({ code: "invalid_request", details: { where: "path" } });
  });

  test("of another shape altogether is 400", async () => {
    for (const body of ["[]", "null", "1", '"text"', '{"__proto__":{"polluted":1}}']) {
      expect((await patch(body)).status).toBe(400);
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test("a query that is given twice is 400, not a crash", async () => {
    expect((await world.ask({ path: "/api/jobs?kind=a&kind=b" })).status).toBe(400);
  });
});

describe("a body over 32 MiB", () => {
  const huge = Buffer.alloc(60 * 1024 * 1024, 0x20);

  test("is refused by its length, and the connection goes on", async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const ask = (options: object) =>
        world.ask({ method: "PATCH", path: "/api/settings", headers: json, agent, ...options });
      const refused = await ask({ body: huge });
      expect([refused.status, errorOf(refused).code]).toEqual([413, "payload_too_large"]);
      expect(refused.headers.connection).toBe("keep-alive");
      expect((await ask({ body: "{}" })).status).toBe(200);
    } finally {
      agent.destroy();
    }
  });

  test("is refused the same under /v1, in OpenAI's shape", async () => {
    const answer = await world.ask({ method: "POST", path: "/v1/chat/completions", headers: json, body: huge });
    expect(answer.status).toBe(413);
    expect(errorOf(answer)).toHaveProperty("type");
  });

  test("of unknown length is refused while it is still being sent", async () => {
    const request = http.request(`${world.address}/api/settings`, { method: "PATCH", headers: json });
    const answered = once(request, "response") as Promise<[http.IncomingMessage]>;
    const megabyte = Buffer.alloc(1024 * 1024, 0x20);
    // It never ends: an answer that waits for the end would not come.
    for (let sent = 0; sent <= bodyLimitBytes; sent += megabyte.length) {
      if (!request.write(megabyte)) await Promise.race([once(request, "drain"), answered]);
    }
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    response.resume();
    await once(response, "end");
    request.destroy();
  });

  test("is read away before a connection is closed that its client wants closed: nobody is reset", async () => {
    const { port } = new URL(world.address);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(
      "PATCH /api/settings HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    const piece = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(1024 * 1024, 0x20), Buffer.from("\r\n")]);
    const answered = once(socket, "data") as Promise<[Buffer]>;
    for (let sent = 0; sent <= bodyLimitBytes; sent += 1024 * 1024) socket.write(piece);
    const [chunk] = await answered;
    expect(chunk.toString("utf8")).toMatch(/^HTTP\/1\.1 413 [^]*payload_too_large/);
    // It goes on for a while before it looks at the answer.
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.write(piece, () => socket.write("0\r\n\r\n", () => resolve()));
    });
    await once(socket.resume(), "end");
  });

  test("is not even sent by a client that asks first", async () => {
    const { port } = new URL(world.address);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(
      `PATCH /api/settings HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${huge.length}\r\nexpect: 100-continue\r\n\r\n`,
    );
    const [chunk] = (await once(socket, "data")) as [Buffer];
    expect(chunk.toString("utf8")).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  test("of a right size is asked for, when a client asks first", async () => {
    const answer = await patch("{}", { ...json, expect: "100-continue" });
    expect(answer.status).toBe(200);
  });
});

describe("failures", () => {
  test("an unknown error is logged whole and shown as nothing", async () => {
    const answer = await world.ask({ path: "/api/jobs/some" });
    expect(answer.status).toBe(500);
    expect(errorOf(answer)).toEqual({
      code: "internal",
      message: "Internal error. See the service log.",
      requestId: answer.headers["x-request-id"],
    });
    const line = world.logged.find(({ msg }) => msg === "request failed");
    expect(line).toMatchObject({
      requestId: answer.headers["x-request-id"],
      error: { message: "secret: /home/someone/token" },
    });
    expect((line?.["error"] as { stack: string }).stack).toContain("http-world.ts");
  });

  test("a stream that fails before its first byte answers JSON as JSON", async () => {
    const answer = await world.ask({ path: "/api/jobs/some/logs" });
    expect(answer).toMatchObject({ status: 500, headers: { "content-type": "application/json; charset=utf-8" } });
  });

  test("a known error says when to come again", async () => {
    const answer = await world.ask({ path: "/api/engines" });
    expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "3" } });
  });

  test("while the service stops, only health is answered", async () => {
    world.stop();
    expect((await world.ask({ path: "/api/health" })).status).toBe(200);
    const answer = await world.ask({ path: "/api/jobs" });
    expect([answer.status, errorOf(answer).code, answer.headers["retry-after"]]).toEqual([
      503,
      "service_stopping",
      "5",
    ]);
  });

  test("every answer carries its own request id, also one without a body", async () => {
    const answers = [
      await world.ask({ path: "/api/health" }),
      await world.ask({ path: "/openapi.json" }),
      await world.ask({ method: "HEAD" }),
      await world.ask({ method: "OPTIONS", path: "/api/jobs" }),
      await world.ask({ path: "/nowhere" }),
    ];
    const ids = answers.map(({ headers }) => headers["x-request-id"]);
    expect(new Set(ids).size).toBe(5);
    expect(ids).not.toContain(undefined);
  });
});

test("an address that means every interface is told as one that a client can ask", async () => {
  const server = createHttpServer((() => undefined) as never);
  const address = await listen(server, "0.0.0.0", 0);
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const taken = createHttpServer((() => undefined) as never);
  await expect(listen(taken, "0.0.0.0", Number(new URL(address).port))).rejects.toMatchObject({ code: "EADDRINUSE" });
  server.close();
});

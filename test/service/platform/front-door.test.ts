import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { AppError } from "../../../service/src/platform/errors.ts";
import { createErrorAnswer } from "../../../service/src/platform/http/errors.ts";
import { createFrontDoor } from "../../../service/src/platform/http/front-door.ts";
import { randomIds } from "../../../service/src/platform/ids.ts";
import { createLog } from "../../../service/src/platform/log.ts";
import { masterKey, startHttpWorld } from "./http-world.ts";
import type { HttpWorld } from "./http-world.ts";

let world: HttpWorld;
beforeEach(async () => {
  world = await startHttpWorld({ environment: { MLX_MANAGER_API_KEY: masterKey } });
});
afterEach(() => world.close());

const bearer = { authorization: `Bearer ${masterKey}` };
const asking = (path: string, headers: Record<string, string> = bearer) =>
  world.ask({
    ...{ method: "POST", path, body: '{"a":1}' },
    headers: { "content-type": "application/json", ...headers },
  });

describe("a route that passes the router by", () => {
  test.each([
    "/v1/chat/completions",
    "/v1/chat/completions?beta=true",
    "/V1/Chat/Completions",
    "/v1/chat/completions/",
    "http://127.0.0.1/v1/chat/completions",
    "/v1/chat/completions#end",
  ])("is the same in every form that the router knows: %s", async (path) => {
    expect(await asking(path)).toMatchObject({ status: 200, json: { got: { a: 1 } } });
  });

  test("is checked like every other one", async () => {
    expect((await asking("/v1/chat/completions", {})).status).toBe(401);
    expect((await asking("/v1/chat/completions", { ...bearer, origin: "http://foreign.example" })).status).toBe(403);
    world.stop();
    expect(await asking("/v1/chat/completions")).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
  });

  test("answers other methods as the router does", async () => {
    const answer = await world.ask({ path: "/v1/chat/completions", headers: bearer });
    expect(answer).toMatchObject({ status: 405, headers: { allow: "POST" } });
  });
});

describe("checks and router see one path", () => {
  // `x-api-key` is taken below /v1 alone: what leads elsewhere must not pass as if it were there.
  test.each(["http://127.0.0.1/v1/../api/jobs", "http://127.0.0.1/v1/%2e%2e/api/jobs", "/api/jobs#/v1/"])(
    "%s is a management route",
    async (path) => {
      expect((await world.ask({ path, headers: { "x-api-key": masterKey } })).status).toBe(401);
      expect(await world.ask({ path, headers: bearer })).toMatchObject({ status: 200, json: { items: [] } });
    },
  );

  test.each(["/v1/../api/jobs", "/v1/%2e%2e/api/jobs", "//v1/api/jobs", "/v1\\..\\api/jobs"])(
    "%s leads nowhere",
    async (path) => {
      expect((await world.ask({ path, headers: bearer })).status).toBe(404);
    },
  );
});

test("an error that cannot be written is logged, and ends its connection alone", async () => {
  const logged: unknown[] = [];
  const log = createLog({ debug: false, destination: { write: (line) => void logged.push(JSON.parse(line)) } });
  const onError = createErrorAnswer(log, () => () => ({ status: 400, body: { much: 1n } }));
  const refuse = () => {
    throw new AppError("invalid_request", "No.");
  };
  const options = { ids: randomIds, untilReady: () => null, direct: new Map(), router: () => undefined, onError };
  const server = createServer(createFrontDoor({ ...options, checks: [refuse] }));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow("fetch failed");
  expect(logged).toMatchObject([{ msg: "an error could not be answered" }]);
  server.close();
});

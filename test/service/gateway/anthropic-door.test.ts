import { afterEach, describe, expect, test } from "@jest/globals";
import { AnthropicError } from "../../../service/src/contract/anthropic.ts";
import { masterKey, startHttpWorld } from "../platform/http-world.ts";
import type { HttpWorld } from "../platform/http-world.ts";

let world: HttpWorld;

afterEach(() => world.close());

const version = { "anthropic-version": "2023-06-01" };

async function locked(more: Record<string, string> = {}): Promise<void> {
  world = await startHttpWorld({ environment: { MLX_MANAGER_API_KEY: masterKey, ...more } });
}

describe("the door before Anthropic's routes", () => {
  test.each([
    ["/v1/messages", {}],
    ["/v1/messages?beta=true", version],
    ["/v1/models?limit=1000", version],
  ])("%s without a key is refused in the form of its clients", async (path, headers) => {
    await locked();
    const answer = await world.ask({ method: path.includes("models") ? "GET" : "POST", path, headers });
    expect(answer.status).toBe(401);
    const { error, request_id: id } = AnthropicError.parse(JSON.parse(answer.text));
    expect(error).toMatchObject({ type: "authentication_error", code: "unauthorized" });
    expect(answer.headers).toMatchObject({ "request-id": id, "x-request-id": id });
  });

  test.each([
    ["x-api-key", { "x-api-key": masterKey }],
    ["a bearer", { authorization: `Bearer ${masterKey}` }],
    ["both", { "x-api-key": masterKey, authorization: `Bearer ${masterKey}` }],
  ])("%s opens it", async (_name, headers) => {
    await locked();
    const answer = await world.ask({
      method: "POST",
      path: "/v1/messages/batches",
      headers: { ...version, ...headers },
    });
    // There is no such route: who is told so has passed.
    expect(answer.status).toBe(404);
    expect(AnthropicError.parse(JSON.parse(answer.text)).error.type).toBe("not_found_error");
  });

  test.each(["/", "/api/hello", "/v1/messages"])("HEAD %s is answered without a key", async (path) => {
    await locked();
    expect(await world.ask({ method: "HEAD", path })).toMatchObject({ status: 200, text: "" });
  });

  test("a page of an allowed origin may send what its client sends", async () => {
    const origin = "http://localhost:3000";
    await locked({ MLX_MANAGER_ALLOWED_ORIGINS: origin });
    const asked = "anthropic-dangerous-direct-browser-access,anthropic-version,content-type,x-api-key,x-stainless-lang";
    const headers = { origin, "access-control-request-method": "POST", "access-control-request-headers": asked };
    const answer = await world.ask({ method: "OPTIONS", path: "/v1/messages", headers });
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-headers": asked,
      vary: "Origin, access-control-request-headers",
    });
  });

  test("what is no list of names is not sent back", async () => {
    const origin = "http://localhost:3000";
    await locked({ MLX_MANAGER_ALLOWED_ORIGINS: origin });
    const headers = { origin, "access-control-request-headers": "a b; c" };
    const answer = await world.ask({ method: "OPTIONS", path: "/v1/messages", headers });
    expect(answer.headers["access-control-allow-headers"]).toBe(
      "authorization, content-type, x-api-key, last-event-id",
    );
  });
});

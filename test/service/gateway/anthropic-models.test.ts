import Anthropic from "@anthropic-ai/sdk";
import { afterEach, describe, expect, test } from "@jest/globals";
import { AnthropicModel, AnthropicModelList } from "../../../service/src/contract/anthropic.ts";
import { OpenAIModelList } from "../../../service/src/contract/openai.ts";
import { startGateway } from "./gateway-bench.ts";
import type { BenchOptions, GatewayBench } from "./gateway-bench.ts";

let bench: GatewayBench;

afterEach(() => bench.close());

async function start(options: BenchOptions = {}): Promise<Anthropic> {
  bench = await startGateway(options);
  return new Anthropic({ baseURL: bench.url.replace(/\/v1$/, ""), apiKey: "none", maxRetries: 0 });
}

const names = ["anthropic/mlx-manager/demo", "anthropic/coder"];
const version = { "anthropic-version": "2023-06-01" };

describe("models for clients of Anthropic's", () => {
  test("are listed page by page under names that every one of them takes", async () => {
    const client = await start();
    const ids: string[] = [];
    for await (const model of client.models.list({ limit: 1 })) ids.push(model.id);
    expect(ids).toEqual(names);
    const list = await fetch(`${bench.url}/models?limit=1000`, { headers: version });
    expect(list.headers.get("request-id")).toMatch(/^req_/);
    const { data, ...rest } = AnthropicModelList.parse(await list.json());
    expect(rest).toEqual({ has_more: false, first_id: names[0], last_id: names[1] });
    expect(data[0]).toEqual({
      ...{ type: "model", id: names[0], display_name: "mlx-manager/demo", created_at: "2026-01-01T00:00:00.000Z" },
      ...{ max_input_tokens: 2048, max_tokens: 2048 },
    });
  });

  test("can be listed from either side", async () => {
    const client = await start();
    const before = await client.models.list({ before_id: "anthropic/coder" });
    expect(before.data.map(({ id }) => id)).toEqual(["anthropic/mlx-manager/demo"]);
    const after = await client.models.list({ after_id: "anthropic/mlx-manager/demo" });
    expect(after.data.map(({ id }) => id)).toEqual(["anthropic/coder"]);
    expect((await client.models.list({ after_id: "anthropic/coder" })).data).toEqual([]);
  });

  test.each(["limit=0", "limit=x", "after_id=nobody"])("%s is refused in their form", async (query) => {
    await start();
    const response = await fetch(`${bench.url}/models?${query}`, { headers: version });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
  });

  test("can be looked up by any name that answers", async () => {
    const client = await start();
    expect(AnthropicModel.parse(plain(await client.models.retrieve("coder")))).toMatchObject({
      ...{ id: "coder", display_name: "coder" },
    });
    await expect(client.models.retrieve("nobody")).rejects.toMatchObject({ status: 404, type: "not_found_error" });
  });

  test("others get OpenAI's list from the same address", async () => {
    await start();
    OpenAIModelList.parse(await (await fetch(`${bench.url}/models`)).json());
  });
});

describe("the official client is told", () => {
  const hi = { model: "mlx-manager/demo", max_tokens: 100, messages: [{ role: "user" as const, content: "Hi" }] };

  test("which field is wrong, and that there is no such model", async () => {
    const client = await start();
    await expect(client.messages.create({ ...hi, max_tokens: 0 })).rejects.toMatchObject({
      ...{ status: 400, type: "invalid_request_error", message: expect.stringContaining("max_tokens") },
      requestID: expect.stringMatching(/^req_/),
    });
    await expect(client.messages.create({ ...hi, model: "nobody" })).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    expect(await bench.row()).toMatchObject({ status: 400, errorCode: "invalid_request", protocol: "anthropic" });
  });

  test("that the engine died in the middle of a stream", async () => {
    const client = await start({ flags: { tokens: 20, crashAfterTokens: 3 } });
    const texts: string[] = [];
    const stream = client.messages.stream(hi).on("text", (text) => void texts.push(text));
    await expect(stream.finalMessage()).rejects.toMatchObject({ type: "api_error" });
    expect(texts.join("")).toBe("t0 t1 t2");
  });

  test("that nothing is there, in its form, for a path that is none", async () => {
    await start();
    const response = await fetch(`${bench.url}/messages/batches`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "not_found_error" } });
  });
});

/** What the client made of it, without the client's own fields. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

import { afterEach, describe, expect, test } from "@jest/globals";
import OpenAI from "openai";
import { ResponseObject } from "../../../service/src/contract/responses.ts";
import { startGateway } from "./gateway-bench.ts";
import type { BenchOptions, GatewayBench } from "./gateway-bench.ts";

let bench: GatewayBench;

afterEach(() => bench.close());

async function start(options: BenchOptions = {}): Promise<OpenAI> {
  bench = await startGateway(options);
  return new OpenAI({ baseURL: bench.url, apiKey: "none", maxRetries: 0 });
}

const model = "mlx-manager/demo";

function sent(): { role: string; content: unknown }[] {
  const request = bench.engine.entries().findLast(({ type }) => type === "request");
  return request?.body?.["messages"] as { role: string; content: unknown }[];
}

describe("the official client's responses", () => {
  test("answers a text whole, with every field of the contract", async () => {
    const client = await start({ flags: { text: "Hello there, friend." } });
    const response = await client.responses.create({ model, input: "Hi", instructions: "Be kind.", zeta: 1 } as never);
    expect(response).toMatchObject({
      ...{ status: "completed", output_text: "Hello there, friend.", model, instructions: "Be kind." },
      output: [{ type: "message", role: "assistant", status: "completed" }],
      usage: { output_tokens: 3 },
    });
    const { output_text: _added, ...wire } = response as unknown as Record<string, unknown>;
    ResponseObject.parse(wire);
    expect(sent()).toEqual([
      { role: "system", content: "Be kind." },
      { role: "user", content: "Hi" },
    ]);
    expect(await bench.row()).toMatchObject({
      ...{ protocol: "openai", path: "/v1/responses", streamed: false, status: 200, finishReason: "stop" },
      droppedKeys: ["zeta"],
    });
  });

  test("streams the events of the specification in their order, to one that says the same", async () => {
    const client = await start({ flags: { text: "Hello there, friend." } });
    const stream = client.responses.stream({ model, input: [{ role: "user", content: "Hi" }] });
    const types: string[] = [];
    const numbers: number[] = [];
    for await (const event of stream) {
      types.push(event.type);
      numbers.push(event.sequence_number);
    }
    expect(types.map((type) => type.replace("response.", ""))).toEqual([
      ...["created", "in_progress", "output_item.added", "content_part.added"],
      ...["output_text.delta", "output_text.delta", "output_text.delta"],
      ...["output_text.done", "content_part.done", "output_item.done", "completed"],
    ]);
    expect(numbers).toEqual(numbers.map((_, index) => index));
    expect(await stream.finalResponse()).toMatchObject({ status: "completed", output_text: "Hello there, friend." });
    expect(await bench.row()).toMatchObject({ path: "/v1/responses", streamed: true, outputTokens: 3 });
  });

  test("an answer cut by its length is incomplete, whole and streamed", async () => {
    const client = await start({ flags: { tokens: 20 } });
    const request = { model, input: "Hi", max_output_tokens: 3 };
    const expected = {
      ...{ status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, output_text: "t0 t1 t2" },
      output: [{ status: "incomplete" }],
    };
    expect(await client.responses.create(request)).toMatchObject(expected);
    expect(await client.responses.stream(request).finalResponse()).toMatchObject(expected);
  });

  test("an engine that dies in the middle ends in response.failed", async () => {
    const client = await start({ flags: { tokens: 20, crashAfterTokens: 3 } });
    const stream = await client.responses.create({ model, input: "Hi", stream: true });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    expect(events.at(-1)).toMatchObject({
      type: "response.failed",
      response: { status: "failed", error: { code: "server_error" }, output: [{ status: "incomplete" }] },
    });
    expect(await bench.row()).toMatchObject({ errorCode: "engine_failed", errorSource: "engine" });
  });

  test("what cannot be read is refused with its place, in the client's own errors", async () => {
    const client = await start();
    const ask = (request: object) => client.responses.create({ model, input: "Hi", ...request });
    await expect(ask({ input: [{ role: "user", content: 5 }] })).rejects.toMatchObject({ status: 400 });
    await expect(ask({ input: [{ type: "nonsense" }] })).rejects.toMatchObject({ status: 400, param: "input[0].type" });
    await expect(ask({ input: [] })).rejects.toMatchObject({ status: 400, param: "input" });
    await expect(ask({ background: true })).rejects.toMatchObject({ status: 400, param: "background" });
    await expect(ask({ model: "nobody/nothing" })).rejects.toMatchObject({ status: 404, code: "model_not_found" });
    expect(bench.engine.entries().filter(({ type }) => type === "request")).toEqual([]);
  });
});

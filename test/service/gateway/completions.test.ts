import { afterEach, describe, expect, test } from "@jest/globals";
import OpenAI from "openai";
import { Completion, CompletionRequest } from "../../../service/src/contract/completions.ts";
import { completionParameters } from "../../../service/src/gateway/openai/completion-parameters.ts";
import { readCompletion } from "../../../service/src/gateway/openai/read-completion.ts";
import { engineProtocol } from "../../../service/src/gateway/engines/engine-protocol.ts";
import { checkParameters } from "../../../service/src/gateway/parameters.ts";
import { normalizeRequest } from "../../../service/src/gateway/request.ts";
import { startGateway, testProfile } from "./gateway-bench.ts";
import type { GatewayBench } from "./gateway-bench.ts";

const model = "mlx-manager/demo";

describe("a text to write on from", () => {
  let bench: GatewayBench;
  afterEach(() => bench.close());

  async function start(flags: Record<string, unknown> = {}): Promise<OpenAI> {
    bench = await startGateway({ flags });
    return new OpenAI({ baseURL: bench.url, apiKey: "none", maxRetries: 0 });
  }

  test("is answered whole by the engine's own route, without a template", async () => {
    const client = await start({ text: "  upon a time\n\n" });
    const completion = await client.completions.create({ model, prompt: "Once", temperature: 0, max_tokens: 9 });
    Completion.parse(completion);
    expect(completion).toMatchObject({
      ...{ object: "text_completion", model, usage: { completion_tokens: 4 } },
      choices: [{ index: 0, text: "  upon a time\n\n", finish_reason: "stop", logprobs: null }],
    });
    const request = bench.engine.entries().find(({ type }) => type === "request");
    expect(request).toMatchObject({
      path: "/v1/completions",
      body: { model: "default_model", prompt: "Once", stream: true, max_tokens: 9, temperature: 0 },
    });
    expect(request?.body).not.toHaveProperty("messages");
    expect(await bench.row()).toMatchObject({ path: "/v1/completions", finishReason: "stop", outputTokens: 4 });
  });

  test("is streamed in pieces, with usage where asked, and its stop texts end the engine's work", async () => {
    const client = await start({ tokens: 500, tokenDelayMs: 5 });
    const stream = await client.completions.create({
      ...{ model, prompt: ["Count: "], stop: " t3", stream: true, stream_options: { include_usage: true } },
    });
    const pieces: OpenAI.Completion[] = [];
    for await (const piece of stream) {
      Completion.parse(piece);
      pieces.push(piece);
    }
    expect(pieces.map(({ choices }) => choices[0]?.text ?? "").join("")).toBe("t0 t1 t2");
    expect(pieces.at(-2)?.choices[0]?.finish_reason).toBe("stop");
    expect(pieces.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 4 } });
    expect((await bench.engine.entry("disconnect")).tokensSent).toBeLessThan(500);
  });

  test("cut by its length says so, and an engine that dies is an APIError", async () => {
    const client = await start({ tokens: 20, crashAfterTokens: 5 });
    const short = await client.completions.create({ model, prompt: "Go", max_tokens: 2 });
    expect(short.choices[0]).toMatchObject({ text: "t0 t1", finish_reason: "length" });
    const stream = await client.completions.create({ model, prompt: "Go", stream: true });
    const reading = (async () => {
      for await (const _piece of stream);
    })();
    await expect(reading).rejects.toMatchObject({ error: { code: "engine_failed", source: "engine" } });
  });

  test("that would end the engine never reaches it", async () => {
    const client = await start();
    for (const prompt of [["a", "b"], [1, 2], [[1], [2]], "", [], 5]) {
      const asked = client.completions.create({ model, prompt: prompt as never });
      await expect(asked).rejects.toMatchObject({ status: 400 });
    }
    expect(bench.engine.entries().filter(({ type }) => type === "request")).toEqual([]);
  });
});

describe("the table of /v1/completions", () => {
  const limits = { contextLength: 2048, vocabularySize: 1536 };
  const ask = (body: object, engine: "mlx-lm" | "mlx-vlm" = "mlx-lm") => {
    const parsed = CompletionRequest.parse({ prompt: "Go", ...body });
    const dropped = checkParameters(parsed, completionParameters);
    const profile = testProfile({ engine });
    const request = normalizeRequest(readCompletion(parsed), profile, limits);
    return { dropped, body: engineProtocol(engine, request).body({ request, profile, limits }) };
  };
  const honoured: [string, unknown, object][] = [
    ...[
      ["prompt", ["Hm"], { prompt: "Hm" }] as [string, unknown, object],
      ["logit_bias", { 3: 1 }, { logit_bias: { 3: 1 } }] as [string, unknown, object],
    ],
    ...["max_tokens", "temperature", "top_p", "top_k", "min_p", "repetition_penalty", "seed"].map(
      (key): [string, unknown, object] => [key, 1, { [key]: 1 }],
    ),
    ...["presence_penalty", "frequency_penalty"].map((key): [string, unknown, object] => [key, 0, { [key]: 0 }]),
  ];
  const defaultOnly = { n: [1, 2], best_of: [1, 3], echo: [false, true], suffix: ["", "x"], logprobs: [null, 0] };

  test("has a row here for every key", () => {
    const ours = [
      ...honoured.map(([key]) => key),
      ...Object.keys(defaultOnly),
      "model",
      "stream",
      "stream_options",
      "stop",
      "user",
    ];
    expect(ours.sort()).toEqual(Object.keys(completionParameters).sort());
  });

  test.each(honoured)("%s reaches the engine", (key, value, expected) => {
    expect(ask({ [key]: value })).toMatchObject({ dropped: [], body: expected });
    expect(ask({ [key]: key === "prompt" ? "Go" : null }).body).not.toMatchObject({ [key]: null });
  });

  test.each(Object.entries(defaultOnly))(
    "%s is refused by name, unless it says what happens anyway",
    (key, [same, other]) => {
      expect(ask({ [key]: same }).body).not.toHaveProperty(key);
      expect(() => ask({ [key]: other })).toThrow(
        expect.objectContaining({ code: "unsupported", details: { param: key } }),
      );
    },
  );

  test("names what it does not know, and engines that take conversations alone", () => {
    expect(ask({ zeta: 1, user: "me" }).dropped).toEqual(["zeta"]);
    expect(() => ask({}, "mlx-vlm")).toThrow(expect.objectContaining({ code: "unsupported" }));
  });
});

import { once } from "node:events";
import { afterEach, describe, expect, test } from "@jest/globals";
import { OpenAIError } from "../../../service/src/contract/openai.ts";
import { AppError } from "../../../service/src/platform/errors.ts";
import { chat, events, post, startGateway } from "./gateway-bench.ts";
import type { BenchOptions, GatewayBench } from "./gateway-bench.ts";
import { manualClock } from "../../tools/manual-clock.ts";

let bench: GatewayBench;

afterEach(() => bench.close());

async function start(options: BenchOptions = {}): Promise<void> {
  bench = await startGateway(options);
}

describe("a client that leaves", () => {
  test.each([true, false])("stops the engine's work at once (stream %s)", async (stream) => {
    await start({ flags: { tokens: 5000, tokenDelayMs: 5 } });
    const leave = new AbortController();
    const answer = post(bench, chat({ stream }), leave.signal);
    if (stream) await (await answer).body?.getReader().read();
    else await bench.engine.entry("request");
    leave.abort();
    await expect(stream ? Promise.reject(leave.signal.reason) : answer).rejects.toThrow();
    expect((await bench.engine.entry("disconnect")).tokensSent).toBeLessThan(5000);
    expect(await bench.row()).toMatchObject({ clientLeft: true, status: 499, errorCode: null, finishReason: null });
    expect(bench.leases.open).toBe(0);
  });

  test("while the model loads aborts the load and gives a late lease back", async () => {
    const aborted = Promise.withResolvers<void>();
    const given = Promise.withResolvers<void>();
    await start({
      load: async (_target, signal, onProgress) => {
        onProgress?.({ phase: "loading", done: 1, total: 2 });
        signal.addEventListener("abort", () => aborted.resolve());
        await given.promise;
      },
    });
    const leave = new AbortController();
    const response = await post(bench, chat({ stream: true }), leave.signal);
    expect(response.status).toBe(200);
    leave.abort();
    await aborted.promise;
    given.resolve();
    expect(await bench.row()).toMatchObject({ clientLeft: true, serverId: null });
    await new Promise((resolve) => setImmediate(resolve));
    expect(bench.leases.open).toBe(0);
    expect(bench.engine.entries().some(({ type }) => type === "request")).toBe(false);
  });
});

describe("an engine that fails", () => {
  test("by dying in the middle of a stream gives an error event and no [DONE]", async () => {
    await start({ flags: { tokens: 20, crashAfterTokens: 4 } });
    const text = await (await post(bench, chat({ stream: true }))).text();
    const last = OpenAIError.parse(events(text).at(-1));
    expect(last.error).toMatchObject({ code: "engine_failed", source: "engine", type: "server_error" });
    expect(text).not.toContain("[DONE]");
    expect(await bench.row()).toMatchObject({
      status: 502,
      errorCode: "engine_failed",
      errorSource: "engine",
      finishReason: null,
      outputTokens: 4,
    });
  });

  test("by ending silently is not taken for a finished answer", async () => {
    await start({ flags: { silentClose: true } });
    expect(await (await post(bench, chat({ stream: true }))).text()).toContain('"code":"engine_failed"');
    const whole = await post(bench, chat());
    expect(whole.status).toBe(502);
    expect(OpenAIError.parse(await whole.json()).error).toMatchObject({ code: "engine_failed", source: "engine" });
  });

  test("before it answered keeps the HTTP status, for a stream too", async () => {
    await start();
    bench.engine.child.kill("SIGKILL");
    await once(bench.engine.child, "exit");
    const response = await post(bench, chat({ stream: true }));
    expect(response.status).toBe(502);
    expect(OpenAIError.parse(await response.json()).error).toMatchObject({ code: "engine_failed", source: "engine" });
    expect(bench.leases.open).toBe(0);
  });

  test("to load is a status for a plain request and an event for a stream that was told to wait", async () => {
    await start({
      load: async (_target, _signal, onProgress) => {
        onProgress?.({ phase: "starting" });
        await new Promise((resolve) => setImmediate(resolve));
        throw new AppError("engine_failed", "The model could not be loaded.");
      },
    });
    const text = await (await post(bench, chat({ stream: true }))).text();
    expect(text).toMatch(/^: loading\n\n/);
    expect(OpenAIError.parse(events(text).at(-1)).error).toMatchObject({ message: "The model could not be loaded." });
    expect((await post(bench, chat())).status).toBe(502);
  });

  test("by giving no token for the stall deadline is cut off", async () => {
    const clock = manualClock();
    await start({ flags: { hangAfter: 0 }, change: { clock } });
    const answer = post(bench, chat());
    await bench.engine.entry("request");
    clock.advance(299_000);
    expect(bench.rows).toHaveLength(0);
    clock.advance(2000);
    const response = await answer;
    expect(response.status).toBe(504);
    expect(OpenAIError.parse(await response.json()).error).toMatchObject({ code: "engine_timeout", source: "engine" });
    await bench.engine.entry("disconnect");
  });

  test("a stream hears a heartbeat while it waits", async () => {
    const clock = manualClock();
    await start({ flags: { hangAfter: 0 }, change: { clock } });
    const answer = post(bench, chat({ stream: true }));
    await bench.engine.entry("request");
    clock.advance(1000);
    const reader = (await answer).body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe(": waiting\n\n");
    clock.advance(10_000);
    expect((await reader?.read())?.value).toBe(": waiting\n\n");
    clock.advance(300_000);
    let rest = "";
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) rest += read.value;
    expect(rest).toContain('"code":"engine_timeout"');
  });
});

describe("a service that is not ready", () => {
  test("tells a plain request that the engine is being installed, when to come back and the job", async () => {
    const details = { jobId: "job_7", retryAfterSeconds: 30 };
    const environment = () => {
      throw new AppError("engine_not_installed", "The engine is being installed.", { details });
    };
    await start({ change: { engines: { environment } } });
    const response = await post(bench, chat());
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "30"]);
    expect(OpenAIError.parse(await response.json()).error.message).toContain("job_7");
    expect((await post(bench, chat({ stream: true }))).status).toBe(200);
  });

  test("ends running streams with service_stopping when it waits no longer", async () => {
    const stopping = new AbortController();
    await start({ flags: { tokens: 5000, tokenDelayMs: 5 }, change: { stopping: stopping.signal } });
    const response = await post(bench, chat({ stream: true }));
    stopping.abort();
    expect(await response.text()).toContain('"code":"service_stopping"');
    expect(await bench.row()).toMatchObject({ errorCode: "service_stopping", errorSource: "gateway", status: 503 });
  });
});

describe("wrong requests", () => {
  const image = (url: string) => [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }];
  const wrong: [string, unknown, number, string][] = [
    ["no JSON", "{oops", 400, "invalid_request"],
    ["a list", [], 400, "invalid_request"],
    ["no messages", { model: "mlx-manager/demo" }, 400, "invalid_request"],
    ["empty messages", chat({ messages: [] }), 400, "invalid_request"],
    ["an unknown role", chat({ messages: [{ role: "robot", content: "x" }] }), 400, "invalid_request"],
    ["stream as a word", chat({ stream: "yes" }), 400, "invalid_request"],
    ["temperature as a word", chat({ temperature: "hot" }), 400, "invalid_request"],
    ["max_tokens 0", chat({ max_tokens: 0 }), 400, "invalid_request"],
    ["stop 5", chat({ stop: 5 }), 400, "invalid_request"],
    ["stop [1]", chat({ stop: [1] }), 400, "invalid_request"],
    ["seed -1", chat({ seed: -1 }), 400, "invalid_request"],
    ["a token outside the vocabulary", chat({ logit_bias: { "99999999": 1 } }), 400, "invalid_request"],
    ["two answers", chat({ n: 2 }), 400, "unsupported"],
    ["likely tokens of no token", chat({ top_logprobs: 3 }), 400, "invalid_request"],
    ["an image from the network", chat({ messages: image("http://169.254.169.254/x") }), 400, "unsupported"],
    ["an image from the disk", chat({ messages: image("/etc/passwd") }), 400, "unsupported"],
    ["an unknown model", chat({ model: "no/such" }), 404, "model_not_found"],
    ["a path as a model", chat({ model: "../../etc/passwd" }), 404, "model_not_found"],
  ];

  test("get the documented error each, a row each, and never reach the engine", async () => {
    await start();
    for (const [name, body, status, code] of wrong) {
      const response = await post(bench, body);
      const answer = OpenAIError.parse(await response.json());
      expect([name, response.status, answer.error.code]).toEqual([name, status, code]);
      expect(answer.error.source).toBe("gateway");
    }
    expect(bench.rows.map(({ status, errorCode }) => [status, errorCode])).toEqual(
      wrong.map(([, , status, code]) => [status, code]),
    );
    expect(bench.engine.entries().filter(({ type }) => type === "request")).toEqual([]);
    expect((await post(bench, chat({ top_k: 100_000 }))).status).toBe(200);
    expect((await bench.engine.entry("request")).body?.["top_k"]).toBe(0);
  });

  test("other methods and paths say so", async () => {
    await start();
    const wrongMethod = await fetch(`${bench.url}/chat/completions`);
    expect([wrongMethod.status, wrongMethod.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await fetch(`${bench.url}/v1/models`)).status).toBe(404);
  });
});

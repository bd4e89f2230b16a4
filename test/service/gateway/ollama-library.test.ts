import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { OllamaPullLine } from "../../../service/src/contract/ollama.ts";
import { readKeepAlive } from "../../../service/src/gateway/ollama/keep-alive.ts";
import { startFakeHub } from "../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../fakes/fake-hub/index.ts";
import { tinyRepo } from "../../fixtures/hub-repos.ts";
import { collect, demo, startOllamaBench } from "./ollama-bench.ts";
import type { OllamaBench } from "./ollama-bench.ts";

const tiny = "mlx-community/tiny-4bit";
const other = "mlx-community/other-4bit";
const left = "mlx-community/left-4bit";
const here = "own/here";
const slow = "own/slow";
const messages = [{ role: "user", content: "Hi" }];
let hub: FakeHub;
let bench: OllamaBench;
beforeAll(async () => {
  hub = await startFakeHub({ repos: [tinyRepo(tiny), tinyRepo(other), tinyRepo(left)] });
  bench = await startOllamaBench(
    { [here]: { text: "Here." }, [slow]: { tokens: 10 } },
    { environment: { HF_ENDPOINT: hub.url } },
  );
});
afterAll(async () => {
  await bench.close();
  await hub.close();
});

/** Resolves when the next server stops, with the reason where it was not a person's. */
function untilStopped(): Promise<string | null> {
  return new Promise((resolve) => {
    const stop = bench.service.service.events.listen((event) => {
      if (event.type !== "server.changed" || !["stopped", "evicted"].includes(event.data.state)) return;
      stop();
      resolve(event.data.endedBecause);
    });
  });
}

describe("pull", () => {
  test("tells the official client how far it is, and ends with success once the model is here", async () => {
    const lines = await collect(await bench.client.pull({ model: `hf.co/${tiny}:latest`, stream: true }));
    for (const line of lines) OllamaPullLine.parse(line);
    expect(lines[0]).toEqual({ status: "pulling manifest" });
    expect(lines.at(-1)).toEqual({ status: "success" });
    const told = lines.filter(({ total }) => total !== undefined);
    expect(new Set(told.map(({ digest }) => digest)).size).toBe(1);
    expect(told.at(-1)?.completed).toBe(told.at(-1)?.total);
    expect((await bench.client.list()).models.map(({ name }) => name)).toContain(tiny);
    expect(await collect(await bench.client.pull({ model: demo, stream: true }))).toEqual([
      ...[{ status: "pulling manifest" }, { status: "success" }],
    ]);
  });

  test("whole, answers when it is done", async () => {
    expect(await bench.client.pull({ model: other })).toEqual({ status: "success" });
    expect((await bench.client.show({ model: other })).details.family).not.toBe("");
  });

  test("refuses what is no model of the Hub, and tells a failure as the client's own error", async () => {
    await expect(bench.client.pull({ model: "llama3.2" })).rejects.toMatchObject({
      ...{ status_code: 400, error: expect.stringContaining("llama3.2 is no model of the Hub") },
    });
    await expect(bench.client.pull({ model: "nobody/nothing" })).rejects.toMatchObject({ status_code: 404 });
    const stream = await bench.client.pull({ model: "nobody/nothing", stream: true });
    await expect(collect(stream)).rejects.toThrow("nobody/nothing");
  });

  test("goes on when the client leaves", async () => {
    hub.faults.add({ kind: "stall", afterBytes: 100, file: "model.safetensors", server: "cdn", repo: left });
    const leave = new AbortController();
    const response = await fetch(`${bench.service.address}/api/pull`, {
      ...{ method: "POST", signal: leave.signal, body: JSON.stringify({ model: left }) },
      headers: { "content-type": "application/json" },
    });
    await hub.waitForRequest(({ faults }) => faults.includes("stall"));
    leave.abort();
    await expect(response.text()).rejects.toThrow();
    hub.faults.release();
    expect(await bench.client.pull({ model: left })).toEqual({ status: "success" });
    const { items } = bench.service.service.downloads.list({ limit: 50 });
    expect(items.filter(({ model }) => model === left)).toHaveLength(1);
  });
});

describe("delete", () => {
  test("removes a model by its own name alone", async () => {
    await bench.service.call("POST", "/api/profiles", { slug: "small", name: "Small", model: other });
    await expect(bench.client.delete({ model: "small" })).rejects.toMatchObject({ status_code: 409 });
    await expect(bench.client.delete({ model: demo })).rejects.toMatchObject({ status_code: 409 });
    await expect(bench.client.delete({ model: "nobody/nothing" })).rejects.toMatchObject({ status_code: 404 });
    expect(await bench.client.delete({ model: tiny })).toEqual({ status: "success" });
    expect((await bench.client.list()).models.map(({ name }) => name)).not.toContain(tiny);
  });
});

describe("keep_alive", () => {
  test("a question without a text loads the model, or unloads it", async () => {
    expect(await bench.client.generate({ model: here, prompt: "" })).toMatchObject({
      ...{ model: here, response: "", done: true, done_reason: "load" },
    });
    expect((await bench.client.ps()).models).toMatchObject([{ name: here, size: expect.any(Number) }]);
    const stopped = untilStopped();
    const lines = await collect(await bench.client.chat({ model: here, messages: [], keep_alive: 0, stream: true }));
    expect(lines).toMatchObject([{ done: true, done_reason: "unload", message: { content: "" } }]);
    expect((await bench.client.ps()).models).toEqual([]);
    await stopped;
  });

  test("0 unloads after the answer, a time says when, and a negative one keeps the model for good", async () => {
    const expires = async (): Promise<number> => {
      const [running] = (await bench.client.ps()).models;
      return (new Date(String(running?.expires_at)).getTime() - Date.now()) / 60_000;
    };
    await bench.client.chat({ model: here, messages, keep_alive: "90m" });
    expect(Math.abs((await expires()) - 90)).toBeLessThan(2);
    // Who says nothing changes nothing.
    await bench.client.chat({ model: here, messages });
    expect(Math.abs((await expires()) - 90)).toBeLessThan(2);
    await bench.client.generate({ model: here, prompt: "", keep_alive: 300 });
    expect(Math.abs((await expires()) - 5)).toBeLessThan(2);
    await bench.client.generate({ model: here, prompt: "Hi", keep_alive: -1 });
    expect(await expires()).toBeGreaterThan(1e6);
    const stopped = untilStopped();
    const last = await bench.client.chat({ model: here, messages, keep_alive: 0 });
    expect(last.message.content).toBe("Here.");
    expect(await stopped).toContain("as its client wished");
    await expect(bench.client.chat({ model: here, messages, keep_alive: "soon" })).rejects.toMatchObject({
      ...{ status_code: 400, error: expect.stringContaining("keep_alive") },
    });
  });

  test("a short time unloads the model by itself, and 0 waits for those that are still at work on it", async () => {
    const stopped = untilStopped();
    await bench.client.chat({ model: here, messages, keep_alive: "50ms" });
    expect(await stopped).toContain("without a request");
    const stoppedLater = untilStopped();
    const long = await bench.client.chat({ model: slow, messages, stream: true });
    const words: string[] = [];
    for await (const { message } of long) {
      if (words.length === 0) await bench.client.chat({ model: slow, messages, keep_alive: 0 });
      words.push(message.content);
    }
    expect(words.join("").trim().split(" ")).toHaveLength(10);
    await stoppedLater;
  });

  test.each([
    [0, 0],
    ["0", 0],
    ["0s", 0],
    [300, 300_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["300ms", 300],
    [-1, Infinity],
    ["-1", Infinity],
    ["-1m", Infinity],
    [null, undefined],
    ["", undefined],
  ])("%j is %s", (given, expected) => expect(readKeepAlive(given)).toBe(expected));
});

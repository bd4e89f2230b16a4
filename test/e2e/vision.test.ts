import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Engine } from "../../service/src/contract/engines.ts";
import type { Job } from "../../service/src/contract/jobs.ts";
import type { Model } from "../../service/src/contract/models.ts";
import type { ChatCompletion, ChatChunk } from "../../service/src/contract/openai.ts";
import type { ProfileView } from "../../service/src/contract/profiles.ts";
import type { AnswerBlock, MessageUsage } from "../../service/src/contract/anthropic.ts";
import type { ResponseObject } from "../../service/src/contract/responses.ts";
import type { Server } from "../../service/src/contract/servers.ts";
import { processStart } from "../../service/src/platform/process/identity.ts";
import { testPicture } from "../../service/src/serving/probing/test-picture.ts";
import { earlierVision, writeEarlierProduct } from "../fixtures/earlier-product.ts";
import { writeVisionModel } from "../fixtures/tiny-vision-model.ts";
import { ownEnginesEnvironment } from "../tools/engine-environment.ts";
import { readEventStream } from "../tools/event-source.ts";
import { jobEnd } from "../tools/job-end.ts";
import { processesWith } from "../tools/processes-with.ts";
import { runCommandLine } from "../service/cli/command-line.ts";
import { checkout } from "../tools/service-process.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

const seeing = "test/seeing";
const id = "mlx-vlm";
let folder: string;
let service: RealService;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mlx-manager-vision-"));
  await writeVisionModel(join(folder, "hub"), seeing);
  // An installation of its own: what is shared between suites is never removed.
  const environment = await ownEnginesEnvironment(join(folder, "engines"));
  const earlier = await writeEarlierProduct(join(folder, "earlier"));
  service = await startRealService({ ...environment, MLX_MANAGER_HF_CACHE_PATH: join(folder, "hub") }, earlier);
}, 600_000);
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const engine = async (): Promise<Engine> => {
  const { items } = await service.api().get<{ items: Engine[] }>("/api/engines");
  return items.find((one) => one.id === id)!;
};
const change = async (verb: "install" | "update" | "remove"): Promise<Job> => {
  const { job } = await service.api().send<{ job: Job }>("POST", `/api/engines/${id}/${verb}`);
  return (await jobEnd(service.address(), job)).job;
};
const commandLine = () => ({ MLX_MANAGER_HOME: service.home, NO_COLOR: "1" });
const environments = (): string[] =>
  existsSync(join(folder, "engines", id))
    ? readdirSync(join(folder, "engines", id), { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() ? [entry.name] : [],
      )
    : [];
const running = async (): Promise<Server[]> =>
  (await service.api().get<{ items: Server[] }>("/api/servers?running=true")).items;

interface OllamaAnswer {
  readonly message: { readonly content: string };
  readonly prompt_eval_count: number;
}

const asking = (...pictures: string[]) => ({
  ...{ model: seeing, temperature: 0, max_tokens: 12 },
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "What is it?" },
        ...pictures.map((url) => ({ type: "image_url", image_url: { url } })),
      ],
    },
  ],
});
const chat = (body: object) => service.api().send<ChatCompletion>("POST", "/v1/chat/completions", body);

describe("the real mlx-vlm", () => {
  test("is installed by the service, and its size on disk is told", async () => {
    expect(await engine()).toMatchObject({ state: "absent", sizeBytes: null, version: null });
    expect(await change("install")).toMatchObject({ state: "succeeded", error: null });
    const installed = await engine();
    expect(installed).toMatchObject({ state: "installed", version: earlierVision.version, previousVersion: null });
    expect(installed.sizeBytes).toBeGreaterThan(500e6);
    expect(environments()).toEqual([installed.lockHash]);
    await expect(service.api().send("POST", `/api/engines/${id}/rollback`)).rejects.toMatchObject({
      ...{ status: 409, body: { error: { code: "conflict", message: expect.stringContaining("no earlier") } } },
    });
  }, 600_000);

  test("is updated to what a new release pins, goes back to the version before, and forward again", async () => {
    await service.process().kill("SIGTERM");
    await service.restart(checkout);
    const before = await engine();
    expect(before).toMatchObject({ state: "installed", version: earlierVision.version });
    expect(before.availableVersion).not.toBe(before.version);
    expect(await change("update")).toMatchObject({ state: "succeeded", error: null });
    const after = await engine();
    expect(after).toMatchObject({
      state: "installed",
      version: before.availableVersion,
      previousVersion: before.version,
    });
    expect(environments().sort()).toEqual([before.lockHash, after.lockHash].sort());
    const back = await service.api().send<Engine>("POST", `/api/engines/${id}/rollback`);
    expect(back).toMatchObject({ version: before.version, lockHash: before.lockHash, previousVersion: after.version });
    const forward = await runCommandLine(["engines", "rollback", id], { environment: commandLine() });
    expect(forward.output).toContain(`${id} is ${after.version} again.`);
    expect(await engine()).toEqual(after);
  }, 600_000);

  test("is chosen by what the model is, and the profile says why", async () => {
    expect((await service.api().get<Model>(`/api/models/${seeing}`)).engines).toEqual(["mlx-vlm", "mlx-lm"]);
    const profile = await service.api().send<ProfileView>("POST", "/api/profiles", { slug: "eyes", model: seeing });
    expect([profile.engine, profile.engineChoice]).toEqual([
      "mlx-vlm",
      { by: "model", reason: "The model takes images, as mlx-vlm does." },
    ]);
  });

  test("answers about an image, whole and streamed the same, and the image has reached the model", async () => {
    const whole = await chat(asking(testPicture()));
    const [server] = await running();
    expect(server).toMatchObject({ engine: "mlx-vlm", state: "ready", restarts: 0 });
    const plain = await chat(asking());
    // 64 x 64 pixels in patches of 14, four to a token.
    expect((whole.usage?.prompt_tokens ?? 0) - (plain.usage?.prompt_tokens ?? 0)).toBeGreaterThanOrEqual(4);
    expect(whole.choices[0]?.message.content).not.toBe("");
    const response = await fetch(`${service.address()}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...asking(testPicture()), stream: true }),
    });
    let text = "";
    let end: unknown;
    for await (const { data } of readEventStream(response)) {
      end = data;
      if (typeof data === "object") text += (data as ChatChunk).choices[0]?.delta.content ?? "";
    }
    expect([text, end]).toEqual([whole.choices[0]?.message.content, "[DONE]"]);
  }, 180_000);

  test("the same image through Responses, Messages and Ollama is the same prompt, and gets the same answer", async () => {
    const picture = testPicture();
    const [, data] = picture.split(",");
    const said = await chat(asking(picture));
    const expected = [said.choices[0]?.message.content, said.usage?.prompt_tokens];
    const send = <Answer>(path: string, body: object) =>
      service.api().send<Answer>("POST", path, { model: seeing, temperature: 0, ...body });
    const response = await send<ResponseObject>("/v1/responses", {
      max_output_tokens: 12,
      input: [
        {
          role: "user",
          content: [
            { type: "input_image", image_url: picture },
            { type: "input_text", text: "What is it?" },
          ],
        },
      ],
    });
    const texts = response.output.flatMap((item) =>
      item.type === "message" ? (item["content"] as { text: string }[]).map(({ text }) => text) : [],
    );
    expect([texts.join(""), response.usage?.input_tokens]).toEqual(expected);
    const message = await send<{ content: AnswerBlock[]; usage: MessageUsage }>("/v1/messages", {
      max_tokens: 12,
      messages: [
        {
          role: "user",
          content: [
            { type: "image", source: { type: "base64", media_type: "image/png", data } },
            { type: "text", text: "What is it?" },
          ],
        },
      ],
    });
    const { input_tokens: read, cache_read_input_tokens: cached } = message.usage;
    expect([message.content[0], read + (cached ?? 0)]).toMatchObject([
      { type: "text", text: expected[0] },
      expected[1],
    ]);
    const local = await send<OllamaAnswer>("/api/chat", {
      ...{ stream: false, options: { temperature: 0, num_predict: 12 } },
      messages: [{ role: "user", content: "What is it?", images: [data] }],
    });
    expect([local.message.content, local.prompt_eval_count]).toEqual(expected);
  }, 60_000);

  test("an answer about an image is held to a schema by the engine's own grammar", async () => {
    const schema = {
      ...{ type: "object", required: ["color", "edges"], additionalProperties: false },
      properties: { color: { enum: ["red", "green"] }, edges: { type: "integer", minimum: 3, maximum: 8 } },
    };
    const format = { type: "json_schema", json_schema: { name: "shape", schema } };
    const response = await fetch(`${service.address()}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...asking(testPicture()), max_tokens: 60, response_format: format }),
    });
    const { choices } = (await response.json()) as ChatCompletion;
    expect([response.status, response.headers.get("x-mlx-manager-format")]).toEqual([200, "native"]);
    const shape = JSON.parse(choices[0]?.message.content ?? "") as { color: string; edges: number };
    expect(["red", "green"]).toContain(shape.color);
    expect([3, 4, 5, 6, 7, 8]).toContain(shape.edges);
  }, 60_000);

  test("a template that refuses several calls in one message gets one call at a time, each with its result", async () => {
    const call = (name: string) => ({ id: name, type: "function", function: { name, arguments: "{}" } });
    const made = (...names: string[]) => ({ role: "assistant", content: "", tool_calls: names.map(call) });
    const result = (name: string, content: string) => ({ role: "tool", tool_call_id: name, content });
    const asked = asking(testPicture());
    const [seen] = asked.messages;
    const end = { role: "user", content: "And?" };
    const said = async (...turns: object[]) => {
      const { choices, usage } = await chat({ ...asked, messages: [seen, ...turns, end] });
      return [choices[0]?.message.content, usage?.prompt_tokens];
    };
    const apart = await said(made("look"), result("look", "one"), made("listen"), result("listen", "two"));
    expect(await said(made("look", "listen"), result("listen", "two"), result("look", "one"))).toEqual(apart);
  }, 60_000);

  test.each([
    ["cannot be read", `data:image/png;base64,${Buffer.from("not a picture").toString("base64")}`],
    ["is cut short", testPicture().slice(0, 120)],
    ["is an address", "http://127.0.0.1:9/picture.png", "unsupported"],
    ["is a path", "/etc/hostname", "unsupported"],
  ])(
    "answers 400 to an image that %s, and serves on",
    async (_, picture, code = "invalid_request") => {
      const [before] = await running();
      await expect(chat(asking(picture))).rejects.toMatchObject({ status: 400, body: { error: { code } } });
      expect((await chat(asking(testPicture()))).choices).toHaveLength(1);
      const [after] = await running();
      expect(after).toMatchObject({ pid: before?.pid, restarts: 0, state: "ready", healthStatus: "healthy" });
      expect(after?.lastError).toBeNull();
    },
    60_000,
  );

  test("is not removed while it serves; after the stop its process and memory are gone", async () => {
    await expect(service.api().send("POST", `/api/engines/${id}/remove`)).rejects.toMatchObject({
      ...{ status: 409, body: { error: { code: "conflict", message: expect.stringContaining("Stop its servers") } } },
    });
    const [server] = await running();
    expect(server?.memory?.footprintBytes).toBeGreaterThan(50e6);
    await service.api().send("POST", `/api/models/${seeing}/unload`);
    expect(await running()).toEqual([]);
    expect(processStart(server!.pid!)).toBeNull();
    expect(processesWith(`HOME=${service.home}`)).toEqual([service.process().pid]);
    const over = await service.api().get<Server>(`/api/servers/${server!.id}`);
    expect(over).toMatchObject({ state: "stopped", pid: null, reservedBytes: 0, memory: null });
    expect(readFileSync(join(service.home, "logs", "service.log"), "utf8")).not.toContain("has not come back");
  }, 120_000);

  test("is removed to the last file, with the version before it", async () => {
    const { code, output } = await runCommandLine(["engines", "remove", id], { environment: commandLine() });
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining("is removed") });
    expect(await engine()).toMatchObject({ state: "absent", sizeBytes: null });
    expect(environments()).toEqual([]);
  }, 120_000);
});

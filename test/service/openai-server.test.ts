import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Model } from "../../service/src/contract/models.ts";
import type { ProfileView } from "../../service/src/contract/profiles.ts";
import type { Server } from "../../service/src/contract/servers.ts";
import { processStart } from "../../service/src/platform/process/identity.ts";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { fakeEngines } from "../tools/fake-engines.ts";
import { pythonEnvironment } from "../tools/python-environment.ts";

const id = "mlx-openai-server";
const embedding = "test/embedding";
const launcher = fileURLToPath(new URL("../../service/engines/launcher/mlx_openai_server.py", import.meta.url));
const fakePackage = fileURLToPath(new URL("../fakes/mlx-openai-server", import.meta.url));
let home: string;
let service: TestService;

/** Our launcher, command line, options, guard and probe are the real ones; of the engine, two modules stand in. */
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "mlx-manager-openai-"));
  const { python } = await pythonEnvironment();
  // What it compiles stays out of the sources.
  const variables = `PYTHONPATH='${fakePackage}' PYTHONPYCACHEPREFIX='${join(home, "compiled")}'`;
  await writeFile(join(home, "python"), `#!/bin/sh\n${variables} exec '${python}' "$@"\n`);
  await chmod(join(home, "python"), 0o755);
}, 120_000);
afterEach(async () => {
  await service.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

async function serve(): Promise<void> {
  const environment = {
    engine: id,
    version: "1.8.1",
    lockHash: "fake",
    python: join(home, "python"),
    launcher,
  } as const;
  const engines = {
    ...fakeEngines(),
    environment: () => environment,
    ensureInstalled: () => Promise.resolve(environment),
  };
  service = await startTestService({ home, engine: "none", compose: { parts: { engines } } });
}

/** A model as sentence-transformers leaves one: no chat template, a folder for its pooling. */
async function addModel(architecture: string, files: Record<string, unknown>, flags?: object): Promise<void> {
  const cache = join(home, "hub");
  await writeCachedModel(cache, embedding, flags as Record<string, unknown> | undefined);
  const repository = join(cache, "models--test--embedding");
  const snapshot = join(repository, "snapshots", await readFile(join(repository, "refs", "main"), "utf8"));
  await rm(join(snapshot, "chat_template.jinja"), { force: true });
  const tokenizer = JSON.parse(await readFile(join(snapshot, "tokenizer_config.json"), "utf8")) as object;
  await writeFile(join(snapshot, "tokenizer_config.json"), JSON.stringify({ ...tokenizer, chat_template: undefined }));
  const config = { model_type: architecture, hidden_size: 32, vocab_size: 1536, max_position_embeddings: 512 };
  for (const [name, content] of Object.entries({ "config.json": config, ...files })) {
    await mkdir(join(snapshot, name, ".."), { recursive: true });
    await writeFile(join(snapshot, name), JSON.stringify(content));
  }
}
const addEmbedding = (flags?: object) => addModel("bert", { "1_Pooling/config.json": {} }, flags);

async function load(): Promise<{ status: number; body: Server }> {
  return service.call("POST", `/api/models/${embedding}/load?wait=true`);
}

describe("mlx-openai-server", () => {
  test("is chosen for a model that embeds, started for embeddings, ready with a vector, and stopped", async () => {
    await addEmbedding();
    await serve();
    const { body: model } = (await service.call("GET", `/api/models/${embedding}`)) as { body: Model };
    expect(model).toMatchObject({ capabilities: expect.not.arrayContaining(["chat"]), engines: [id] });
    expect(model.capabilities).toContain("embeddings");
    const created = await service.call("POST", "/api/profiles", { slug: "vectors", model: embedding });
    expect((created.body as ProfileView).engineChoice).toEqual({
      ...{ by: "model", reason: "The model makes embeddings, as mlx-openai-server does." },
    });
    const { status, body: server } = await load();
    expect({ status, server }).toMatchObject({ server: { engine: id, state: "ready", healthStatus: "healthy" } });
    const command = execFileSync("ps", ["-ww", "-o", "command=", "-p", String(server.pid)], { encoding: "utf8" });
    expect(command).toContain('--options {"modelType":"embeddings"}');
    await service.call("POST", `/api/models/${embedding}/unload`);
    expect(processStart(server.pid!)).toBeNull();
    const { body: over } = await service.call("GET", `/api/servers/${server.id}`);
    expect(over).toMatchObject({ state: "stopped", lastError: null });
  });

  test("starts a model that hears for transcriptions, and silence is enough of a proof", async () => {
    await addModel("whisper", { "preprocessor_config.json": {}, "generation_config.json": {} });
    await serve();
    expect((await load()).body).toMatchObject({ engine: id, state: "ready" });
  });

  test("answers no chat: that is refused before anything is started, and so is a probe", async () => {
    await addEmbedding();
    await serve();
    const body = { model: embedding, messages: [{ role: "user", content: "Hi" }] };
    expect(await service.call("POST", "/v1/chat/completions", body)).toMatchObject({
      ...{
        status: 400,
        body: { error: { code: "unsupported", message: expect.stringContaining("makes embeddings") } },
      },
    });
    expect(await service.call("POST", `/api/models/${embedding}/probe`)).toMatchObject({
      ...{ status: 400, body: { error: { code: "unsupported", message: expect.stringContaining("does not chat") } } },
    });
    expect((await service.call("GET", "/api/servers")).body).toMatchObject({ items: [] });
  });

  test.each([
    ["cannot load it", { failsToLoad: true }, "its log says why"],
    ["answers without a vector", { vector: [] }, "held no vector"],
  ])("that %s is never ready, and says so", async (_, flags, reason) => {
    await addEmbedding(flags);
    await serve();
    expect((await load()).body).toMatchObject({
      error: { code: "engine_failed", message: expect.stringContaining("The engine") },
    });
    const [server] = ((await service.call("GET", "/api/servers")).body as { items: Server[] }).items;
    expect(JSON.stringify(server?.lastError)).toContain(reason);
    expect(server).toMatchObject({ state: "failed", pid: null });
  });

  test("keeps the port to our token and to the one path that its model serves", async () => {
    await addEmbedding();
    await serve();
    const { body: server } = await load();
    const at = (path: string) => `http://127.0.0.1:${server.port}${path}`;
    expect((await fetch(at("/health"))).status).toBe(401);
    const profile = service.service.profiles.implicitFor(embedding);
    const lease = await service.service.pool.ensureReady(
      { profile, revision: profile.revision },
      new AbortController().signal,
    );
    const post = async (path: string, body: object) => {
      const headers = { ...lease.headers, "content-type": "application/json", origin: "https://elsewhere.example" };
      return (await fetch(at(path), { method: "POST", headers, body: JSON.stringify(body) })).status;
    };
    expect(await post("/v1/embeddings", { model: "default_model", input: ["Hello", "there"] })).toBe(200);
    expect(await post("/v1/embeddings", { model: "default_model", input: "x", image_url: "/etc/hosts" })).toBe(400);
    expect(await post("/v1/embeddings", { model: "another", input: "x" })).toBe(400);
    expect(await post("/v1/embeddings", { model: "default_model", input: [] })).toBe(400);
    expect(await post("/v1/chat/completions", { messages: [] })).toBe(404);
    lease.release();
  });
});

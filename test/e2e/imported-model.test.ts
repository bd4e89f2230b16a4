import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { ChatCompletion } from "../../service/src/contract/openai.ts";
import type { Model } from "../../service/src/contract/models.ts";
import type { ApiFailure } from "../tools/service-api.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

const demoModel = fileURLToPath(new URL("../../service/demo-model/model", import.meta.url));
let service: RealService;
let folder: string;
beforeAll(async () => {
  service = await startRealService();
  folder = await mkdtemp(join(tmpdir(), "mlx-manager-import-"));
}, 600_000);
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

const failureOf = (error: unknown) => (error as ApiFailure).body.error;

test("a model in a plain folder answers from where it lies, and deleting it leaves every file", async () => {
  const path = join(folder, "publisher", "My Model");
  await cp(demoModel, path, { recursive: true });
  const files = await readdir(path);
  const api = service.api();
  const found = await api.get<{ items: { path: string; name: string }[] }>(
    `/api/models/importable?folder=${encodeURIComponent(folder)}`,
  );
  expect(found.items).toMatchObject([{ path, name: "My-Model", imported: null }]);
  const imported = await api.send<Model>("POST", "/api/models/import", { path });
  expect(imported).toMatchObject({ id: "local/My-Model", source: "folder", complete: true, demo: false });
  const answer = await api.send<ChatCompletion>("POST", "/v1/chat/completions", {
    model: imported.id,
    temperature: 0,
    messages: [{ role: "user", content: "What is MLX Manager?" }],
  });
  const same = await api.send<ChatCompletion>("POST", "/v1/chat/completions", {
    model: "mlx-manager/demo",
    temperature: 0,
    messages: [{ role: "user", content: "What is MLX Manager?" }],
  });
  expect(answer.choices[0]?.message.content).toBe(same.choices[0]?.message.content);
  expect(answer.choices[0]?.message.content?.length).toBeGreaterThan(10);
  const refused = await api.send("DELETE", `/api/models/${imported.id}`).catch(failureOf);
  expect(refused).toMatchObject({ code: "model_in_use" });
  await api.send("POST", `/api/models/${imported.id}/unload`);
  expect(await api.send("DELETE", `/api/models/${imported.id}`)).toMatchObject({ freedBytes: 0 });
  expect(await readdir(path)).toEqual(files);
  expect(await api.get(`/api/models/${imported.id}`).catch(failureOf)).toMatchObject({ code: "model_not_found" });
}, 600_000);

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Job } from "../../../../service/src/contract/jobs.ts";
import type { Model } from "../../../../service/src/contract/models.ts";
import { writeCachedModel } from "../../../tools/cached-model.ts";
import { startTestService } from "../../../tools/compose-test.ts";
import type { TestService } from "../../../tools/compose-test.ts";
import { fakeEngineCommand, fakeEngines } from "../../../tools/fake-engines.ts";

const id = "own/model-8bit";
const fakeConvert = fileURLToPath(new URL("../../../fakes/fake-convert.mjs", import.meta.url));
let home: string;
let world: TestService;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "mlx-manager-convert-"));
  await writeCachedModel(join(home, "hub"), id);
});
afterEach(async () => {
  await world.close();
  await rm(home, { recursive: true, force: true });
});

async function open(fault = "none", freeBytes = 1e12): Promise<void> {
  const converting = {
    program: { file: process.execPath, words: [fakeConvert, fault] },
    freeBytes: () => Promise.resolve(freeBytes),
  };
  const parts = { engines: fakeEngines(), engineCommand: fakeEngineCommand, converting };
  world = await startTestService({ home, compose: { parts } });
  await world.service.models.looked();
}
const convert = async (body: unknown = { bits: 4 }, model = id) =>
  (await world.call("POST", `/api/models/${model}/convert`, body)) as { status: number; body: Job };
const ended = async ({ body }: { body: Job }) => await world.service.jobs.finished(body.id);
const made = async (name: string) =>
  (await world.call("GET", `/api/models/local/${name}`)) as { status: number; body: Model };
const inModels = async () => (await readdir(join(home, "models"))).filter((name) => name !== ".making");
const errorOf = ({ body }: { body: unknown }) => (body as { error: { code: string; message: string } }).error;

/** Resolves when the tool of the job has said this. */
async function said(job: Job, text: string): Promise<void> {
  const log = await fetch(`${world.address}/api/jobs/${job.id}/logs?follow=true`);
  for await (const chunk of log.body!.pipeThrough(new TextDecoderStream())) if (chunk.includes(text)) return;
}

describe("a conversion", () => {
  test("makes a model of its own with its parent named, which goes with its files", async () => {
    await open();
    const begun = await convert({ bits: 4, groupSize: 32, dtype: "float32" });
    expect(begun).toMatchObject({ status: 202, body: { kind: "convert", subject: "local/model-4bit" } });
    expect(await ended(begun)).toMatchObject({ state: "succeeded", error: null });
    const { body } = await made("model-4bit");
    const parent = (await world.call("GET", `/api/models/${id}`)).body as Model;
    expect(body).toMatchObject({ source: "converted", complete: true, problem: null });
    expect(body.parent).toEqual({ model: id, revision: parent.revisions[0]?.revision });
    expect(parent.parent).toBeNull();
    expect(await inModels()).toEqual(["model-4bit"]);

    await world.close();
    await open();
    expect((await made("model-4bit")).body).toMatchObject({ source: "converted", parent: body.parent });
    const deleted = await world.call("DELETE", "/api/models/local/model-4bit");
    expect(deleted).toMatchObject({ status: 200, body: { freedBytes: body.sizeBytes } });
    expect(await inModels()).toEqual([]);
  }, 120_000);

  test("is refused before anything is written when the disk has no room, with the numbers", async () => {
    await open("none", 1_000_000);
    const refused = await convert();
    expect(refused.status).toBe(507);
    expect(errorOf(refused)).toMatchObject({ code: "disk_full", details: { freeBytes: 1_000_000 } });
    expect(await readdir(home)).not.toContain("models");
  });

  test("refuses a name that is taken, and options that do not go together", async () => {
    await open();
    await ended(await convert({ bits: 4, name: "mine" }));
    expect(errorOf(await convert({ bits: 3, name: "mine" })).code).toBe("conflict");
    const wrong = [
      { mode: "mxfp4", bits: 8 },
      { mode: "affine", bits: 7 },
      { mode: "nvfp4", groupSize: 64 },
      { recipe: "mixed_3_6", bits: 4 },
      { recipe: "mixed_3_6", mode: "mxfp4" },
      { name: "../outside" },
    ];
    for (const body of wrong)
      expect({ body, code: errorOf(await convert(body)).code }).toEqual({ body, code: "invalid_request" });
    expect(errorOf(await convert({}, "own/absent")).code).toBe("model_not_found");
  });

  test("that fails says why without a folder's name, and leaves nothing", async () => {
    for (const [fault, code, text] of [
      ["unknown-layer", "engine_failed", "Model type strange not supported"],
      ["no-space", "disk_full", "Free some space"],
      ["cut", "engine_failed", "model.safetensors is not whole"],
    ] as const) {
      await open(fault);
      const { state, error } = await ended(await convert());
      expect({ fault, state, code: error?.code }).toEqual({ fault, state: "failed", code });
      expect(error?.message).toContain(text);
      expect(error?.message).not.toContain(home);
      expect((await made("model-4bit")).status).toBe(404);
      expect(await inModels()).toEqual([]);
      expect(await readdir(join(home, "models", ".making"))).toEqual([]);
      await world.close();
    }
    await open();
  }, 120_000);
});

describe("a conversion under way", () => {
  test("answers its job to the same wish, refuses another of its name, and ends at a word without a trace", async () => {
    await open("hang");
    const begun = await convert();
    await said(begun.body, "hanging");
    expect((await convert()).body.id).toBe(begun.body.id);
    expect(errorOf(await convert({ bits: 3, name: "model-4bit" })).code).toBe("conflict");
    expect(errorOf({ body: (await world.call("DELETE", `/api/models/${id}`)).body }).code).toBe("model_in_use");
    const cancelled = await world.call("POST", `/api/jobs/${begun.body.id}/cancel`);
    expect(cancelled.body).toMatchObject({ state: "cancelled" });
    expect(await readdir(join(home, "models", ".making"))).toEqual([]);
    expect((await made("model-4bit")).status).toBe(404);
  }, 120_000);

  test("when the service stops is told as interrupted and leaves nothing", async () => {
    await open("hang");
    const begun = await convert();
    await said(begun.body, "hanging");
    await world.close();
    await open();
    expect(await ended(begun)).toMatchObject({ state: "failed", error: { details: { reason: "interrupted" } } });
    expect(await inModels()).toEqual([]);
  }, 120_000);
});

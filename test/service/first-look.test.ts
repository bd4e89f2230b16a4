import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startTestService } from "../tools/compose-test.ts";

const names = Array.from({ length: 60 }, (_, index) => `own/model-${index}`);
let home = "";
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "mlx-manager-first-look-"));
  for (const name of names) await writeCachedModel(join(home, "hub"), name, {});
});
afterAll(() => rm(home, { recursive: true, force: true }));

// A person's client that asks while the library of a new data directory is still being read.
test("a model that lies on the disk is never said to be missing, however early the request comes", async () => {
  const service = await startTestService({ home, engine: "fake" });
  try {
    const [first = "", last = ""] = [names[0], names.at(-1)];
    const answers = await Promise.all(
      [first, last].flatMap((name) => [
        service.call("GET", `/v1/models/${name}`),
        service.call("POST", "/v1/chat/completions", { model: name, messages: [{ role: "user", content: "Hello" }] }),
      ]),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await service.call("GET", "/v1/models/own/none")).toMatchObject({
      status: 404,
      body: { error: { code: "model_not_found" } },
    });
  } finally {
    await service.close();
  }
});

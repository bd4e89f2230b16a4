import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { ChatCompletion } from "../../service/src/contract/openai.ts";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { readEventStream } from "../tools/event-source.ts";

const busy = "own/busy";
const quick = "own/quick";
let home: string;
let service: TestService;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "mlx-manager-two-"));
  await writeCachedModel(join(home, "hub"), busy, { tokens: 5000, tokenDelayMs: 20 });
  await writeCachedModel(join(home, "hub"), quick, { text: "Here." });
  service = await startTestService({ home });
});
afterEach(async () => {
  await service.close();
  rmSync(home, { recursive: true, force: true });
});

test("a model in the middle of a long answer keeps no other one waiting, and each answers for itself", async () => {
  const leave = new AbortController();
  const messages = [{ role: "user", content: "Hi" }];
  const response = await fetch(`${service.address}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: busy, stream: true, messages }),
    signal: leave.signal,
  });
  const stream = readEventStream(response);
  const token = async (): Promise<string> => {
    for (;;) {
      const { value, done } = await stream.next();
      if (done === true) throw new Error("The long answer has ended.");
      if (JSON.stringify(value.data).includes('"content":" t')) return JSON.stringify(value.data);
    }
  };
  await token();
  for (let turn = 0; turn < 3; turn += 1) {
    const { body } = await service.call("POST", "/v1/chat/completions", { model: quick, messages });
    expect((body as ChatCompletion).choices[0]?.message.content).toBe("Here.");
    expect(await token()).toContain(busy);
  }
  expect(service.service.pool.loaded().map(({ model, inFlight }) => [model, inFlight])).toEqual(
    expect.arrayContaining([
      [busy, 1],
      [quick, 0],
    ]),
  );
  leave.abort();
});

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ollama } from "ollama";
import { writeCachedModel } from "../../tools/cached-model.ts";
import { startTestService } from "../../tools/compose-test.ts";
import type { TestService, TestServiceOptions } from "../../tools/compose-test.ts";
import type { EngineEntry } from "./fake-engine.ts";

export const demo = "mlx-manager/demo";

export interface OllamaBench {
  readonly service: TestService;
  /** The official client. */
  readonly client: Ollama;
  /** The engine's bodies of the requests to models that were given flags. */
  asked(): Record<string, unknown>[];
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

/** The whole service with models whose fake engines behave by flags. @param models flags by model id */
export async function startOllamaBench(
  models: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  options: TestServiceOptions = {},
): Promise<OllamaBench> {
  const home = mkdtempSync(join(tmpdir(), "mlx-manager-ollama-"));
  const record = join(home, "record.ndjson");
  for (const [id, flags] of Object.entries(models)) await writeCachedModel(join(home, "hub"), id, { record, ...flags });
  const service = await startTestService({ ...options, home });
  return {
    service,
    client: new Ollama({ host: service.address }),
    asked() {
      const lines = existsSync(record) ? readFileSync(record, "utf8").trim().split("\n") : [];
      const entries = lines.map((line) => JSON.parse(line) as EngineEntry);
      // The service's own question, whether the model answers at all, is one token long.
      return entries.flatMap(({ type, body }) =>
        type === "request" && body && body["max_tokens"] !== 1 ? [body] : [],
      );
    },
    post: (path, body, headers = { "content-type": "application/json" }) =>
      fetch(`${service.address}${path}`, { method: "POST", headers, body: JSON.stringify(body) }),
    async close() {
      await service.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

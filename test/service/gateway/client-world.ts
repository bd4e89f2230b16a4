import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { startFakeHub } from "../../fakes/fake-hub/index.ts";
import { tinyRepo } from "../../fixtures/hub-repos.ts";
import { writeCachedModel } from "../../tools/cached-model.ts";
import { startTestService } from "../../tools/compose-test.ts";
import type { TestService } from "../../tools/compose-test.ts";
import { pythonClients } from "../../tools/python-environment.ts";

/** What official clients are pointed at: the whole service, with a model for each thing that they can ask. */
export const clientModels = {
  plain: "own/plain",
  thinking: "own/thinking",
  calling: "own/calling",
  structured: "own/structured",
  long: "own/long",
  slow: "own/slow",
  broken: "own/broken",
  seeing: "own/seeing",
  vectors: "own/vectors",
  /** At the Hub alone. */
  elsewhere: "mlx-community/tiny-4bit",
} as const;

const text = "Hello there, friend.";
const flags: Readonly<Partial<Record<keyof typeof clientModels, object>>> = {
  plain: { text },
  thinking: { text, reasoning: true },
  calling: { text: "Sunny.", toolCall: true },
  structured: { text: '{"city": "Paris", "degrees": 18}' },
  long: { tokens: 20 },
  slow: { tokens: 500, tokenDelayMs: 5 },
  broken: { tokens: 5, silentClose: true },
  seeing: { text: "A cat." },
  vectors: {},
};

/** A PNG of one point. */
export const picture =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export interface ClientWorld {
  readonly service: TestService;
  /** Bodies of requests that engines were sent, the service's own questions left out. */
  asked(): Record<string, unknown>[];
  /** What an official Python client saw: its program below `test/python/clients`, told the address and the models. */
  python(program: string): Promise<Record<"blocking" | "awaited", Record<string, never>>>;
  close(): Promise<void>;
}

export async function startClientWorld(): Promise<ClientWorld> {
  const home = mkdtempSync(join(tmpdir(), "mlx-manager-clients-"));
  const cache = join(home, "hub");
  const record = join(home, "record.ndjson");
  writeFileSync(record, "");
  for (const [name, own] of Object.entries(flags))
    await writeCachedModel(cache, clientModels[name as keyof typeof clientModels], { record, ...own });
  await turnInto(cache, clientModels.seeing, { model_type: "qwen2_vl", vision_config: { depth: 2 } });
  await turnInto(cache, clientModels.vectors, { model_type: "bert" }, ["1_Pooling/config.json"]);
  const hub = await startFakeHub({ repos: [tinyRepo(clientModels.elsewhere)] });
  const service = await startTestService({ home, environment: { HF_ENDPOINT: hub.url } });
  return {
    service,
    asked() {
      const entries = readFileSync(record, "utf8").split("\n").slice(0, -1);
      const requests = entries.map((line) => JSON.parse(line) as { type: string; body?: Record<string, unknown> });
      return requests.flatMap(({ type, body }) => (type === "request" && body?.["max_tokens"] !== 1 ? [body!] : []));
    },
    async python(program) {
      const { python } = await pythonClients();
      const file = fileURLToPath(new URL(`../../python/clients/${program}.py`, import.meta.url));
      const input = JSON.stringify({ address: service.address, models: clientModels, picture });
      // What is compiled of our own programs is not wanted beside them.
      const env = { PYTHONDONTWRITEBYTECODE: "1", NO_PROXY: "*" };
      const { stdout } = await execa(python, [file], { input, env });
      return JSON.parse(stdout) as never;
    },
    async close() {
      await service.close();
      await hub.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Makes another kind of model of the demo model's files, as far as the library looks at them. */
async function turnInto(cache: string, id: string, config: object, more: readonly string[] = []): Promise<void> {
  const repository = join(cache, `models--${id.replace("/", "--")}`);
  const snapshot = join(repository, "snapshots", readFileSync(join(repository, "refs", "main"), "utf8"));
  const path = join(snapshot, "config.json");
  const own = JSON.parse(readFileSync(path, "utf8")) as object;
  rmSync(path);
  writeFileSync(path, JSON.stringify({ ...own, ...config }));
  for (const name of more) {
    await mkdir(join(snapshot, name, ".."), { recursive: true });
    writeFileSync(join(snapshot, name), "{}");
  }
  if (more.length === 0) return;
  // What embeds has no template to chat with.
  const tokenizer = join(snapshot, "tokenizer_config.json");
  const { chat_template: _template, ...rest } = JSON.parse(readFileSync(tokenizer, "utf8")) as Record<string, unknown>;
  writeFileSync(tokenizer, JSON.stringify(rest));
  rmSync(join(snapshot, "chat_template.jinja"), { force: true });
}

// Searching the Hub: a page of results fresh and again, and a model's page, beside the bare request that each needs at
// least; the Hub's requests are counted. The Hub answers after 30 ms. Flags: --rounds N, --quick
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { HubModelDetail, HubPage } from "../service/src/contract/hub.ts";
import type { Fault } from "../test/fakes/fake-hub/index.ts";
import { startHubProcess } from "./downloads/hub-process.ts";
import { builtService } from "./downloads/built-service.ts";
import { missedBudgets, verdict } from "./downloads/table.ts";
import { quantile } from "./paced-streams.ts";
import { serviceApi } from "../test/tools/service-api.ts";
import { startServiceProcess } from "../test/tools/service-process.ts";

const { values: flags } = parseArgs({
  options: { rounds: { type: "string" }, quick: { type: "boolean", default: false } },
});
const rounds = Number(flags.rounds ?? (flags.quick ? 15 : 100));
const latency: Fault = { kind: "latency", milliseconds: 30 };
const config = {
  ...{ architectures: ["LlamaForCausalLM"], model_type: "llama", num_hidden_layers: 16, hidden_size: 2048 },
  ...{ num_attention_heads: 32, num_key_value_heads: 8, head_dim: 64, max_position_embeddings: 131_072 },
  quantization: { group_size: 64, bits: 4 },
};
const times: Record<string, number[]> = {};
const requests: Record<string, number> = {};

const hub = await startHubProcess();
const home = await mkdtemp(join(tmpdir(), "mlx-manager-bench-search-"));
const service = await startServiceProcess({ home, main: builtService(), environment: { HF_ENDPOINT: hub.url } });
const api = serviceApi(service.address);
try {
  for (let index = 0; index < 200; index += 1) await hub.add(repository(index));
  await hub.set([latency]);
  console.log(`200 repositories, 30 ms before every answer of the Hub; ${rounds} rounds, alternating.`);
  for (let round = -1; round < rounds; round += 1) await oneRound(round);
  report();
} finally {
  await service.kill("SIGTERM");
  await hub.close();
  await rm(home, { recursive: true, force: true });
}

/** The first round, -1, warms up and does not count. */
async function oneRound(round: number): Promise<void> {
  // A word that nobody asked for yet: every model bears it in its card's tags.
  const word = `model-${round + 1}`;
  const query = `/api/hub/models?query=${word}&limit=50`;
  const bare = `${hub.url}/api/models?filter=mlx&search=${word}&limit=50&full=true&config=true`;
  const model = `bench/model-${(round + 1) % 200}`;
  await timed(round, "bare request for a list", () => whole(bare));
  await settle();
  await timed(round, "page of results, fresh", () => api.get<HubPage>(query));
  await settle();
  await timed(round, "page of results, again", () => api.get<HubPage>(query));
  await timed(round, "bare request for a model", () => whole(`${hub.url}/api/models/${model}?blobs=true`));
  await settle();
  await timed(round, "model's page, fresh", () => api.get<HubModelDetail>(`/api/hub/models/${model}`));
  await timed(round, "model's page, again", () => api.get<HubModelDetail>(`/api/hub/models/${model}`));
}

async function timed(round: number, name: string, work: () => Promise<unknown>): Promise<void> {
  const before = (await hub.count()).requests;
  const began = performance.now();
  await work();
  const milliseconds = performance.now() - began;
  if (round < 0) return;
  (times[name] ??= []).push(milliseconds);
  requests[name] = Math.max(requests[name] ?? 0, (await hub.count()).requests - before);
}

/** Details are asked for behind a page: what one measurement causes must not disturb the next. */
async function settle(): Promise<void> {
  let seen = -1;
  for (let now = (await hub.count()).requests; now !== seen; now = (await hub.count()).requests) {
    seen = now;
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
}

async function whole(url: string): Promise<void> {
  await (await fetch(url)).json();
}

function repository(index: number) {
  const parameters = { BF16: 1_000_000 + index, U32: 150_000_000 };
  return {
    id: `bench/model-${index}`,
    ...{ config, downloads: 200 - index, tags: ["mlx", "text-generation"], libraryName: "mlx" },
    safetensors: { parameters, total: parameters.BF16 + parameters.U32 },
    files: {
      "config.json": JSON.stringify(config),
      "README.md": `---\nlicense: mit\n---\n# Model ${index}\n\n${"A paragraph of a card. ".repeat(200)}`,
      "model.safetensors": { size: 600_000_000, seed: index, sha256: "0".repeat(64) },
      "tokenizer.json": { size: 9_000_000, seed: index, sha256: "1".repeat(64) },
    },
  };
}

function report(): void {
  console.log("\n                                 p50 ms   p95 ms   most requests to the Hub");
  for (const [name, values] of Object.entries(times)) {
    const shown = [0.5, 0.95].map((share) => quantile(values, share).toFixed(1).padStart(8)).join(" ");
    console.log(`${name.padEnd(30)} ${shown}   ${String(requests[name]).padStart(8)}`);
  }
  const added = (ours: string, bare: string) => quantile(times[ours]!, 0.5) - quantile(times[bare]!, 0.5);
  verdict("added to a list's request", added("page of results, fresh", "bare request for a list"), 30, " ms");
  verdict("requests to the Hub before a fresh page is answered", requests["page of results, fresh"]!, 1);
  verdict("a page again", quantile(times["page of results, again"]!, 0.95), 10, " ms");
  verdict("requests to the Hub for a page again", requests["page of results, again"]!, 0);
  verdict("a model's page again", quantile(times["model's page, again"]!, 0.95), 10, " ms");
  console.log(missedBudgets() === 0 ? "\nEvery budget is met." : `\n${missedBudgets()} budgets are missed.`);
}

// The library with thousands of models: the first start on a cache, the second, and the list through the API, beside
// what `du` and Python's client take for one look at the same cache. Flags: --models N (default 5000), --rounds N, --quick
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { pythonEnvironment } from "../test/tools/python-environment.ts";
import { serviceApi } from "../test/tools/service-api.ts";
import { startServiceProcess } from "../test/tools/service-process.ts";
import { builtService } from "./downloads/built-service.ts";
import { residentBytes } from "./downloads/process-usage.ts";
import { median, missedBudgets, verdict } from "./downloads/table.ts";
import { writeManyModels, writeModel } from "./library/many-models.ts";
import { quantile } from "./paced-streams.ts";

const { values: flags } = parseArgs({
  options: { models: { type: "string" }, rounds: { type: "string" }, quick: { type: "boolean", default: false } },
});
const count = Number(flags.models ?? (flags.quick ? 1000 : 5000));
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const { python } = await pythonEnvironment();
const main = builtService();
const folder = await mkdtemp(join(tmpdir(), "mlx-manager-bench-library-"));
const cache = join(folder, "hub");
const lists: Record<string, number[]> = {};
const results: Record<string, number[]> = {};
const note = (name: string, value: number): void => void (results[name] ??= []).push(value);

try {
  writeManyModels(cache, count);
  console.log(`${count} models of 6 files each, in the system's memory of the disk; ${rounds} rounds, alternating.`);
  for (let round = 0; round < rounds; round += 1) {
    note("du", await timed(() => execFileSync("du", ["-s", cache])));
    note("scan_cache_dir", pythonScan());
    await oneRound(join(folder, `home-${round}`));
  }
  report();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function oneRound(home: string): Promise<void> {
  const environment = { MLX_MANAGER_HF_CACHE_PATH: cache };
  const first = await start(home, environment, "first");
  await first.kill("SIGTERM");
  const second = await start(home, environment, "second");
  const api = serviceApi(second.address);
  await listThrough(second.address);
  note("idle MB", residentBytes(second.pid) / 1e6);
  // Another program adds a model: until the service lists it.
  const appeared = api.until("models", ({ event }) => event?.type === "model.changed" || null);
  await delay(500);
  const begun = performance.now();
  writeModel(cache, count);
  await appeared;
  note("noticed s", (performance.now() - begun) / 1000);
  await second.kill("SIGTERM");
  await rm(join(cache, `models--own-${count % 50}--model-${count}-4bit`), { recursive: true, force: true });
}

async function start(home: string, environment: Record<string, string>, name: string) {
  const begun = performance.now();
  const service = await startServiceProcess({ home, environment, main });
  note(`${name} start, listening`, (performance.now() - begun) / 1000);
  const api = serviceApi(service.address);
  note(`${name} start, models at once`, (await api.get<{ counts: { models: number } }>("/api/health")).counts.models);
  let longest = 0;
  for (let look: Look | null = null; look === null; look = await lookOf(home)) {
    const asked = performance.now();
    await api.get("/api/models?limit=1");
    longest = Math.max(longest, performance.now() - asked);
    await delay(20);
  }
  note(`${name} start, slowest answer meanwhile ms`, longest);
  const { milliseconds, read } = (await lookOf(home))!;
  note(`${name} look`, milliseconds / 1000);
  note(`${name} look, models read`, read);
  await rm(join(home, "logs", "service.log"));
  return service;
}

interface Look {
  readonly milliseconds: number;
  readonly read: number;
}

/** What the service's log says of its first look, once it is over. */
async function lookOf(home: string): Promise<Look | null> {
  const lines = (await readFile(join(home, "logs", "service.log"), "utf8")).split("\n").filter(Boolean);
  const line = lines.find((text) => text.includes("the library is looked at"));
  return line === undefined ? null : (JSON.parse(line) as Look);
}

async function listThrough(address: string): Promise<void> {
  const api = serviceApi(address);
  for (let turn = 0; turn < 150; turn += 1) {
    for (const [name, query] of Object.entries({
      "first 50": "limit=50",
      "first 200": "limit=200",
      "50 by a word": `limit=50&query=model-${turn}`,
      "50 by two words": "limit=50&query=4-bit%20own-7",
    })) {
      (lists[name] ??= []).push((await timed(() => api.get(`/api/models?${query}`))) * 1000);
    }
  }
  let cursor: string | null = null;
  do {
    const begun = performance.now();
    const page: { nextCursor: string | null } = await api.get(
      `/api/models?limit=200${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    (lists["every page of 200"] ??= []).push(performance.now() - begun);
    cursor = page.nextCursor;
  } while (cursor !== null);
}

function pythonScan(): number {
  const program = `import time
from huggingface_hub import scan_cache_dir
begun = time.perf_counter()
info = scan_cache_dir(${JSON.stringify(cache)})
assert not info.warnings and len(info.repos) == ${count}, info
print(time.perf_counter() - begun)`;
  return Number(execFileSync(python, ["-c", program], { encoding: "utf8" }));
}

async function timed(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

function report(): void {
  const peers = ["scan_cache_dir", "du"] as const;
  console.log("\n                        / scan_cache_dir      / du     seconds");
  for (const name of ["first look", "second look", ...peers]) {
    const ratios = peers.map((peer) => median(results[name]!.map((value, round) => value / results[peer]![round]!)));
    const columns = [
      ...ratios.map((ratio) => ratio.toFixed(2).padStart(10)),
      median(results[name]!).toFixed(2).padStart(12),
    ];
    console.log(`${name.padEnd(24)} ${columns.join("  ")}`);
  }
  console.log("\nList through the API, ms          p50      p95      max");
  for (const [name, values] of Object.entries(lists)) {
    const shown = [0.5, 0.95, 1].map((share) => quantile(values, share).toFixed(1).padStart(8)).join(" ");
    console.log(`${name.padEnd(28)} ${shown}`);
  }
  console.log("");
  for (const [name, values] of Object.entries(results)) {
    if (/start|read|MB|noticed/.test(name)) console.log(`${name}: ${median(values).toFixed(2)}`);
  }
  console.log("");
  verdict("list of 50, p95", quantile(lists["first 50"]!, 0.95), 10, " ms");
  verdict("start to listening, first", median(results["first start, listening"]!), 1, " s");
  verdict("start to listening, second", median(results["second start, listening"]!), 1, " s");
  verdict("second look / scan_cache_dir", median(results["second look"]!) / median(results["scan_cache_dir"]!), 1);
  verdict("another program's model noticed", median(results["noticed s"]!), 5, " s");
  console.log(missedBudgets() === 0 ? "\nEvery budget is met." : `\n${missedBudgets()} budgets are missed.`);
}

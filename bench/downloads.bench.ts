// Downloads side by side with Python's client and curl, from the same Hub on this machine, in alternating order.
// Flags: --quick, --gib N (the large file), --rounds N, --folder DIR, --only unthrottled,throttled,small,cuts,manners
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { statfsSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { parseArgs } from "node:util";
import type { Fault } from "../test/fakes/fake-hub/index.ts";
import { pythonEnvironment } from "../test/tools/python-environment.ts";
import { curlAndHash, curlParallel, hfDownload, mlxManager } from "./downloads/contenders.ts";
import { builtService } from "./downloads/built-service.ts";
import { startHubProcess } from "./downloads/hub-process.ts";
import { measureManners } from "./downloads/manners.ts";
import { race } from "./downloads/rounds.ts";
import type { Race, Run } from "./downloads/rounds.ts";
import { median, missedBudgets, printRace, ratioTo, verdict } from "./downloads/table.ts";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    gib: { type: "string" },
    rounds: { type: "string" },
    folder: { type: "string" },
    only: { type: "string", default: "unthrottled,throttled,small,cuts,manners" },
  },
});
const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;
const large = Number(flags.gib ?? (flags.quick ? 1 : 4)) * gibibyte;
const medium = flags.quick ? gibibyte / 4 : gibibyte;
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
// A disk, as in real life. In memory the hash is all that is left to wait for, and `hf` does not hash.
const folder = flags.folder ?? tmpdir();
const wanted = new Set(flags.only.split(","));

for (const tool of ["bash", "curl", "openssl", "tee"]) requireTool(tool);
const { python } = await pythonEnvironment();
const main = builtService();
const ours = mlxManager(main);
const hf = hfDownload(python, "default");
const hfHigh = hfDownload(python, "high performance");
const hub = await startHubProcess();
const files = { large: ["model.safetensors"], small: Array.from({ length: 300 }, (_, index) => `part-${index}.txt`) };
console.log(`Files go to ${folder} (${kindOf(folder)}); load average at the start ${loadavg()[0]!.toFixed(1)}.`);
console.log(
  `Peers: ${execFileSync(python, ["-m", "pip", "list", "--format=freeze"], { encoding: "utf8" }).match(/huggingface.hub==\S+/i)?.[0]}, ${execFileSync("curl", ["--version"], { encoding: "utf8" }).split(" (")[0]}.`,
);
console.log(
  "hf's high-performance setting (HF_XET_HIGH_PERFORMANCE, 16 workers) has no effect on one file over plain HTTP.",
);
const hashing = hashSpeed();
console.log(
  `SHA-256 alone: ${(hashing / 1e6).toFixed(0)} MB/s on one core, so ${large / gibibyte} GiB are never verified in less than ${(large / hashing).toFixed(1)} s here.`,
);

try {
  if (wanted.has("unthrottled")) await unthrottled();
  if (wanted.has("throttled")) await throttled();
  if (wanted.has("small")) await smallFiles();
  if (wanted.has("cuts")) await cuts();
  if (wanted.has("manners")) await manners();
} finally {
  await hub.close();
}
console.log(missedBudgets() === 0 ? "\nEvery budget is met." : `\n${missedBudgets()} budgets are missed.`);

async function unthrottled(): Promise<void> {
  await hub.add({ id: "own/large", files: { "model.safetensors": { size: large, seed: 1 } } });
  const title = `One file of ${large / gibibyte} GiB, unthrottled`;
  const contenders = [ours, hf, hfHigh, curlAndHash];
  const runs = await run({ title, model: "own/large", files: files.large, bytes: large, contenders });
  verdict("time / curl | tee | openssl sha256", ratioTo(runs, curlAndHash.name), 0.9);
  verdict("time / hf download", ratioTo(runs, hf.name), 1);
  verdict("peak memory", peakOf(runs), 256, " MB");
}

async function throttled(): Promise<void> {
  await hub.add({ id: "own/medium", files: { "model.safetensors": { size: medium, seed: 2 } } });
  const runs = await run({
    title: `One file of ${medium / gibibyte} GiB at 20 MB/s per connection`,
    ...{ model: "own/medium", files: files.large, bytes: medium, contenders: [ours, hf, curlAndHash] },
    faults: [{ kind: "bandwidth", bytesPerSecond: 20e6, server: "cdn" }],
    rounds: Math.min(rounds, 2),
  });
  verdict("speed / hf download", 1 / ratioTo(runs, hf.name), 6, " x", true);
  verdict("peak memory", peakOf(runs), 256, " MB");
}

async function smallFiles(): Promise<void> {
  await hub.add({
    id: "own/small",
    files: Object.fromEntries(files.small.map((path, seed) => [path, { size: 4096, seed }])),
  });
  const latency: Fault = { kind: "latency", milliseconds: 30 };
  const ways: [string, Fault[]][] = [
    ["direct", [latency, { kind: "direct-answer" }]],
    ["through the Hub's 307", [latency]],
  ];
  for (const [way, faults] of ways) {
    const contenders = [ours, hf, hfHigh, curlParallel];
    const title = `300 files of 4 KiB, 30 ms before every answer, ${way}`;
    const runs = await run({ title, model: "own/small", files: files.small, bytes: 300 * 4096, contenders, faults });
    verdict("time / hf download", ratioTo(runs, hf.name), 0.6);
  }
}

async function cuts(): Promise<void> {
  await hub.add({ id: "own/cut", files: { "model.safetensors": { size: medium, seed: 3 } } });
  for (const how of ["fin", "rst"] as const) {
    const runs = await run({
      title: `One file of ${medium / gibibyte} GiB, every connection cut after 64 MiB by ${how.toUpperCase()}`,
      ...{ model: "own/cut", files: files.large, bytes: medium, contenders: [ours, hf] },
      faults: [{ kind: "cut-every", bytes: 64 * mebibyte, how, server: "cdn" }],
      rounds: 1,
    });
    const [own] = runs.get(ours.name)!;
    const again = own!.problem === null ? (100 * (own!.bytesSent - medium)) / medium : Number.NaN;
    verdict("fetched again", again, 3, " %");
    verdict("peak memory", peakOf(runs), 256, " MB");
  }
}

async function manners(): Promise<void> {
  await hub.add({
    id: "own/polite",
    files: { "model.safetensors": { size: 4 * gibibyte, seed: 4, sha256: "0".repeat(64) } },
  });
  await hub.set([{ kind: "bandwidth", bytesPerSecond: 20e6, server: "cdn" }]);
  console.log("\nPause and cancel while eight connections bring 20 MB/s each");
  const { pausedMs, silentMs, cancelledMs } = await measureManners(hub, main, folder, "own/polite");
  verdict("pause is answered", pausedMs, 500, " ms");
  verdict("nothing is sent any more", silentMs, 500, " ms");
  verdict("cancel is answered, everything removed", cancelledMs, 500, " ms");
}

async function run(plan: Omit<Race, "faults" | "rounds" | "folder"> & Partial<Race>): Promise<Map<string, Run[]>> {
  const whole: Race = { faults: [], rounds, folder, ...plan };
  const runs = await race(hub, whole);
  printRace(whole, runs);
  return runs;
}

function peakOf(runs: ReadonlyMap<string, readonly Run[]>): number {
  return median(runs.get(ours.name)!.map(({ peakBytes }) => peakBytes)) / 1e6;
}

/** Bytes per second of the checksum that nobody can do without; `hf` leaves it out. */
function hashSpeed(): number {
  const piece = Buffer.alloc(mebibyte, 1);
  const hash = createHash("sha256");
  const began = performance.now();
  for (let count = 0; count < 512; count += 1) hash.update(piece);
  hash.digest();
  return (512 * mebibyte * 1000) / (performance.now() - began);
}

function requireTool(name: string): void {
  try {
    execFileSync("which", [name], { stdio: "ignore" });
  } catch (error) {
    throw new Error(`This benchmark needs ${name}. Install it with the system's package manager.`, { cause: error });
  }
}

function kindOf(path: string): string {
  return statfsSync(path).type === 0x0102_1994 ? "tmpfs" : "a disk";
}

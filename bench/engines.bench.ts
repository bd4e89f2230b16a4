// The real engine on the demo model: from nothing to the first token, the first token when warm, from a crash to serving
// again, and memory after the unload; beside `mlx_lm.server` started by hand. Flags: --rounds N, --quick
import { mkdtemp, rm } from "node:fs/promises";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Server } from "../service/src/contract/servers.ts";
import { sharedEnginesPath } from "../test/tools/engine-environment.ts";
import { serviceApi } from "../test/tools/service-api.ts";
import { startServiceProcess } from "../test/tools/service-process.ts";
import { builtService } from "./downloads/built-service.ts";
import { median, missedBudgets, verdict } from "./downloads/table.ts";
import { demoModelPath, enginePython, firstToken, startByHand } from "./engines/by-hand.ts";
import { writeLargeModel } from "./engines/large-model.ts";

const { values: flags } = parseArgs({
  options: {
    ...{ rounds: { type: "string" }, quick: { type: "boolean", default: false } },
    // For `pool`, which may run in the same call.
    "llama-swap": { type: "string" },
  },
});
const rounds = Number(flags.rounds ?? (flags.quick ? 2 : 7));
const demo = "mlx-manager/demo";
const large = "own/large";
const ofLarge = ", 1 GB";
const seconds: Record<string, number[]> = {};
const missing: number[] = [];

const enginesPath = await sharedEnginesPath();
const python = enginePython(enginesPath);
const home = await mkdtemp(join(tmpdir(), "mlx-manager-bench-engines-"));
const weights = await writeLargeModel(join(home, "hub"), large);
const service = await startServiceProcess({
  ...{ home, main: builtService() },
  environment: { MLX_MANAGER_ENGINES_PATH: enginesPath },
});
const api = serviceApi(service.address);
try {
  // The first start of a day reads the engine from the disk, for whoever comes first.
  await byHand(demoModelPath, "", () => undefined);
  await byHand(weights.path, "", () => undefined);
  console.log(`The demo model, ${rounds} rounds, alternating; seconds, median (min-max).`);
  for (let round = 0; round < rounds; round += 1) {
    await byHand(demoModelPath, "", note);
    await ours(demo, "");
    await byHand(weights.path, ofLarge, note);
    await ours(large, ofLarge);
  }
  for (let round = 0; round < Math.max(1, Math.floor(rounds / 2)); round += 1) await crash();
  report();
} finally {
  await service.kill("SIGTERM");
  await rm(home, { recursive: true, force: true });
}

function note(name: string, value: number): void {
  (seconds[name] ??= []).push(value);
}

async function byHand(model: string, which: string, tell: typeof note): Promise<void> {
  const began = performance.now();
  const engine = await startByHand(python, model);
  await firstToken(engine.url, "default_model");
  tell(`by hand${which}, start to first token`, (performance.now() - began) / 1000);
  tell(`by hand${which}, first token when warm`, await timed(() => firstToken(engine.url, "default_model")));
  await engine.stop();
}

async function ours(model: string, which: string): Promise<void> {
  const before = freemem();
  note(`MLX Manager${which}, start to first token`, await timed(() => firstToken(service.address, model)));
  note(`MLX Manager${which}, first token when warm`, await timed(() => firstToken(service.address, model)));
  const [server] = (await api.get<{ items: Server[] }>("/api/servers?running=true")).items;
  note(`MLX Manager${which}, unload`, await timed(() => api.send("POST", `/api/models/${model}/unload`)));
  const footprint = server?.memory?.footprintBytes ?? Number.NaN;
  missing.push(Math.max(0, before - freemem()) / footprint);
}

/** From `kill -9` of the engine to a token from the next one. */
async function crash(): Promise<void> {
  await firstToken(service.address, demo);
  const [server] = (await api.get<{ items: Server[] }>("/api/servers?running=true")).items;
  if (server?.pid == null) throw new Error("There is no engine to kill.");
  const began = performance.now();
  process.kill(server.pid, "SIGKILL");
  await api.until("servers", ({ event }) =>
    event?.type === "server.changed" && event.data.state === "ready" && event.data.restarts > server.restarts
      ? event.data
      : null,
  );
  await firstToken(service.address, demo);
  note("MLX Manager, crash to serving again", (performance.now() - began) / 1000);
  await api.send("POST", `/api/models/${demo}/unload`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

function report(): void {
  for (const [name, values] of Object.entries(seconds)) {
    const range = `${Math.min(...values).toFixed(3)}-${Math.max(...values).toFixed(3)}`;
    console.log(`${name.padEnd(38)} ${median(values).toFixed(3).padStart(8)} (${range})`);
  }
  const ratio = (which: string): number => median(pairs(which).map(({ mine, theirs }) => mine / theirs));
  verdict("start to first token / by hand", ratio(""), 1.05);
  verdict("start to first token / by hand, 1 GB", ratio(ofLarge), 1.05);
  const perGigabyte = (whose: "mine" | "theirs"): number =>
    (median(pairs(ofLarge).map((pair) => pair[whose])) - median(pairs("").map((pair) => pair[whose]))) /
    (weights.bytes / 1e9);
  console.log(
    `seconds more for each GB: MLX Manager ${perGigabyte("mine").toFixed(2)}, by hand ${perGigabyte("theirs").toFixed(2)}`,
  );
  verdict("memory not back after an unload, of the footprint", median(missing) * 100, 10, " %");
  console.log(missedBudgets() === 0 ? "\nEvery budget is met." : `\n${missedBudgets()} budgets are missed.`);
}

function pairs(which: string): { mine: number; theirs: number }[] {
  const theirs = seconds[`by hand${which}, start to first token`]!;
  return seconds[`MLX Manager${which}, start to first token`]!.map((mine, round) => ({ mine, theirs: theirs[round]! }));
}

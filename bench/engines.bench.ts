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

const { values: flags } = parseArgs({
  options: {
    ...{ rounds: { type: "string" }, quick: { type: "boolean", default: false } },
    // For `pool`, which may run in the same call.
    "llama-swap": { type: "string" },
  },
});
const rounds = Number(flags.rounds ?? (flags.quick ? 2 : 7));
const demo = "mlx-manager/demo";
const seconds: Record<string, number[]> = {};
const missing: number[] = [];

const enginesPath = await sharedEnginesPath();
const python = enginePython(enginesPath);
const home = await mkdtemp(join(tmpdir(), "mlx-manager-bench-engines-"));
const service = await startServiceProcess({
  ...{ home, main: builtService() },
  environment: { MLX_MANAGER_ENGINES_PATH: enginesPath },
});
const api = serviceApi(service.address);
try {
  // The first start of a day reads the engine from the disk, for whoever comes first.
  await byHand(() => undefined);
  console.log(`The demo model, ${rounds} rounds, alternating; seconds, median (min-max).`);
  for (let round = 0; round < rounds; round += 1) {
    await byHand(note);
    await ours();
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

async function byHand(tell: typeof note): Promise<void> {
  const began = performance.now();
  const engine = await startByHand(python, demoModelPath);
  await firstToken(engine.url, "default_model");
  tell("by hand, start to first token", (performance.now() - began) / 1000);
  tell("by hand, first token when warm", await timed(() => firstToken(engine.url, "default_model")));
  await engine.stop();
}

async function ours(): Promise<void> {
  const before = freemem();
  note("MLX Manager, start to first token", await timed(() => firstToken(service.address, demo)));
  note("MLX Manager, first token when warm", await timed(() => firstToken(service.address, demo)));
  const [server] = (await api.get<{ items: Server[] }>("/api/servers?running=true")).items;
  note("MLX Manager, unload", await timed(() => api.send("POST", `/api/models/${demo}/unload`)));
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
  const pairs = seconds["MLX Manager, start to first token"]!.map(
    (value, round) => value / seconds["by hand, start to first token"]![round]!,
  );
  verdict("start to first token / by hand", median(pairs), 1.05);
  verdict("memory not back after an unload, of the footprint", median(missing) * 100, 10, " %");
  console.log(missedBudgets() === 0 ? "\nEvery budget is met." : `\n${missedBudgets()} budgets are missed.`);
}

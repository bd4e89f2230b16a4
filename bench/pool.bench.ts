// Two models and room for one: every question goes to the other model, so each is a swap; beside llama-swap with the
// same engine. Flags: --rounds N, --quick, --llama-swap PATH (its program; without it there is nothing to compare with)
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { writeCachedModel } from "../test/tools/cached-model.ts";
import { sharedEnginesPath } from "../test/tools/engine-environment.ts";
import { serviceApi } from "../test/tools/service-api.ts";
import { startServiceProcess } from "../test/tools/service-process.ts";
import { builtService } from "./downloads/built-service.ts";
import { median, missedBudgets, verdict } from "./downloads/table.ts";
import { demoModelPath, enginePython, firstToken, freePort } from "./engines/by-hand.ts";

const { values: flags } = parseArgs({
  options: {
    ...{ rounds: { type: "string" }, quick: { type: "boolean", default: false } },
    "llama-swap": { type: "string" },
  },
});
const rounds = Number(flags.rounds ?? (flags.quick ? 2 : 8));
const models = ["own/one", "own/two"] as const;
const enginesPath = await sharedEnginesPath();
const folder = await mkdtemp(join(tmpdir(), "mlx-manager-bench-pool-"));
const contenders: { name: string; url: string; end(): Promise<void> }[] = [];
const seconds: Record<string, number[]> = {};

try {
  contenders.push(await mlxManager());
  if (flags["llama-swap"] !== undefined) contenders.push(await llamaSwap(flags["llama-swap"]));
  else console.log("llama-swap is not measured: say where its program is by --llama-swap.");
  for (const { url } of contenders) for (const model of models) await firstToken(url, model);
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, url } of contenders) {
      for (const model of models) {
        const began = performance.now();
        await firstToken(url, model);
        (seconds[name] ??= []).push((performance.now() - began) / 1000);
      }
    }
  }
  report();
} finally {
  for (const { end } of contenders) await end();
  await rm(folder, { recursive: true, force: true });
}

async function mlxManager() {
  const home = join(folder, "home");
  for (const model of models) await writeCachedModel(join(home, "hub"), model);
  const service = await startServiceProcess({
    ...{ home, main: builtService() },
    environment: { MLX_MANAGER_ENGINES_PATH: enginesPath },
  });
  await serviceApi(service.address).send("PATCH", "/api/settings", { maxModels: 1 });
  return { name: "MLX Manager", url: service.address, end: async () => void (await service.kill("SIGTERM")) };
}

/** With the same engine and the same models, one at a time, as its configuration has it by default. */
async function llamaSwap(program: string) {
  const python = enginePython(enginesPath);
  const lines = ["models:"];
  for (const [index, model] of models.entries()) {
    const path = join(folder, `model-${index}`);
    await cp(demoModelPath, path, { recursive: true });
    lines.push(`  "${model}":`);
    lines.push(`    cmd: ${python} -m mlx_lm server --model ${path} --host 127.0.0.1 --port \${PORT}`);
    lines.push("    useModelName: default_model");
  }
  const configuration = join(folder, "llama-swap.yaml");
  await writeFile(configuration, `${lines.join("\n")}\n`);
  const port = await freePort();
  const child = spawn(program, ["--config", configuration, "--listen", `127.0.0.1:${port}`], { stdio: "ignore" });
  const ended = once(child, "close");
  const url = `http://127.0.0.1:${port}`;
  for (let isUp = false; !isUp; await delay(50)) {
    if (child.exitCode !== null) throw new Error(`llama-swap ended with ${child.exitCode}.`);
    isUp = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
  const end = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return { name: "llama-swap", url, end };
}

function report(): void {
  console.log(`\nA question to the other of two models, ${2 * rounds} swaps each, alternating; seconds`);
  for (const [name, values] of Object.entries(seconds)) {
    const range = `${Math.min(...values).toFixed(2)}-${Math.max(...values).toFixed(2)}`;
    console.log(`${name.padEnd(14)} ${median(values).toFixed(2).padStart(6)} (${range})`);
  }
  const theirs = seconds["llama-swap"];
  if (theirs === undefined) return;
  const pairs = seconds["MLX Manager"]!.map((value, index) => value / theirs[index]!);
  verdict("swap / llama-swap", median(pairs), 1.05);
  console.log(missedBudgets() === 0 ? "\nEvery budget is met." : `\n${missedBudgets()} budgets are missed.`);
}

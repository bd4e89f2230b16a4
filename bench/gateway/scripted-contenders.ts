// Every contender in front of the one scripted engine.
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sparingFlags } from "../../service/bin/node-version.mjs";
import { lockPlatform, readLock } from "../../service/src/serving/engines/lock-file.ts";
import { writeCachedModel } from "../../test/tools/cached-model.ts";
import { serviceApi } from "../../test/tools/service-api.ts";
import { freePort } from "../engines/by-hand.ts";
import { names } from "./contender.ts";
import type { Contender, Ways } from "./contender.ts";
import { startProgram } from "./start-program.ts";
import type { Program } from "./start-program.ts";

export interface Place {
  /** A folder of the run's own. */
  readonly folder: string;
  readonly enginePort: number;
}

/** How long a silent engine is waited for, wherever a contender has a setting for it. */
export const silenceSeconds = 8;

export const model = "own/bench";
const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export function scriptedWays(place: Place): Ways {
  return {
    direct: () => Promise.resolve(direct(place)),
    mlxManager: (main) => mlxManager(place, main),
    llamaSwap: (path) => llamaSwap(place, path),
    liteLlm: (path) => startLiteLlm(path, place.folder, `http://127.0.0.1:${place.enginePort}/v1`),
  };
}

export function direct({ enginePort }: Place): Contender {
  const url = `http://127.0.0.1:${enginePort}`;
  const rest = { headers: {}, model: "default_model", processId: null, startMs: null };
  return { name: names.direct, url, ...rest, end: () => Promise.resolve() };
}

/** The whole service as its own process with a named key and its request log. @param main the entry of the program. */
export async function mlxManager({ folder, enginePort }: Place, main: string): Promise<Contender> {
  const home = join(folder, "home");
  const enginesPath = join(folder, "engines");
  await writeCachedModel(join(home, "hub"), model);
  await writeScriptedEngine(enginesPath, enginePort);
  const environment = { MLX_MANAGER_ENGINES_PATH: enginesPath };
  // The first start makes the database, and what V8 compiles is kept for the next one, which is measured.
  await (await startService(home, main, environment)).program.end();
  const { url, program } = await startService(home, main, environment);
  return withKey(url, program);
}

/** The service locked by a named key, as whoever opens it to others has it. */
export async function withKey(url: string, { processId, startMs, end }: Program): Promise<Contender> {
  const open = serviceApi(url);
  await open.send("PATCH", "/api/settings", { stallDeadlineSeconds: silenceSeconds });
  const { key } = await open.send<{ key: string }>("POST", "/api/keys", { name: "bench" });
  return { name: names.own, url, headers: { authorization: `Bearer ${key}` }, model, processId, startMs, end };
}

/** `mlx-manager serve`, up to its first healthy answer. */
export async function startService(home: string, main: string, environment: Readonly<Record<string, string>>) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = await startProgram({
    file: process.execPath,
    words: [...sparingFlags, "--disable-warning=ExperimentalWarning", ...profiling(), main, "serve", "--no-install"],
    environment: {
      ...{ HOME: home, MLX_MANAGER_HOME: home, MLX_MANAGER_PORT: String(port), HF_ENDPOINT: "http://127.0.0.1:9" },
      ...{ MLX_MANAGER_HF_CACHE_PATH: join(home, "hub"), ...environment },
    },
    healthUrl: `${url}/api/health`,
  });
  return { url, program };
}

/** `BENCH_PROFILE=FOLDER` leaves a processor profile of the service there. */
function profiling(): string[] {
  const folder = process.env["BENCH_PROFILE"];
  return folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${folder}`];
}

/** An environment that looks installed and runs the scripted launcher: the program itself is as it is shipped. */
async function writeScriptedEngine(enginesPath: string, enginePort: number): Promise<void> {
  const platform = lockPlatform(process.platform, process.arch);
  if (platform === null) throw new Error("MLX does not run on this machine.");
  const lock = readLock(fileURLToPath(new URL("../../service/engines", import.meta.url)), "mlx-lm", platform);
  const environment = join(enginesPath, "mlx-lm", lock.hash);
  await mkdir(join(environment, "bin"), { recursive: true });
  const python = join(environment, "bin", "python");
  await writeFile(
    python,
    `#!/bin/sh\nexec '${process.execPath}' '${pathOf("scripted-launcher.mjs")}' ${String(enginePort)}\n`,
  );
  await chmod(python, 0o755);
  const complete = { engine: "mlx-lm", version: lock.engineVersion, lockHash: lock.hash, pythonVersion: "3.11.7" };
  const facts = { ...complete, sizeBytes: 0, installedAt: new Date().toISOString() };
  await writeFile(join(environment, "complete.json"), JSON.stringify(facts));
}

/** With its default logging, and room for 32 where its default is 10; the model's command only has to live, the engine runs already. */
export async function llamaSwap({ folder, enginePort }: Place, path: string): Promise<Contender> {
  const configuration = join(folder, "llama-swap.yaml");
  const lines = [
    "models:",
    `  "${model}":`,
    "    cmd: sleep 100000",
    `    proxy: http://127.0.0.1:${enginePort}`,
    "    checkEndpoint: /health",
    "    useModelName: default_model",
    "    concurrencyLimit: 1000",
    "    timeouts:",
    `      responseHeader: ${silenceSeconds}`,
  ];
  await writeFile(configuration, `${lines.join("\n")}\n`);
  return startLlamaSwap(path, configuration, model);
}

export async function startLlamaSwap(path: string, configuration: string, name: string): Promise<Contender> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const { processId, startMs, end } = await startProgram({
    file: path,
    words: ["--config", configuration, "--listen", url.slice("http://".length)],
    environment: {},
    healthUrl: `${url}/health`,
  });
  return { name: names.llamaSwap, url, headers: {}, model: name, processId, startMs, end };
}

/** One worker as it starts by default, with a master key; telemetry and retries off, so that only its own work counts. */
export async function startLiteLlm(path: string, folder: string, engineUrl: string): Promise<Contender> {
  const configuration = join(folder, "litellm.yaml");
  const key = "sk-bench";
  const lines = [
    "model_list:",
    `  - model_name: ${model}`,
    "    litellm_params:",
    "      model: openai/default_model",
    `      api_base: ${engineUrl}`,
    "      api_key: none",
    "litellm_settings:",
    "  telemetry: false",
    "  num_retries: 0",
    `  request_timeout: ${silenceSeconds}`,
    "general_settings:",
    `  master_key: ${key}`,
  ];
  await writeFile(configuration, `${lines.join("\n")}\n`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { processId, startMs, end } = await startProgram({
    file: path,
    words: ["--config", configuration, "--host", "127.0.0.1", "--port", String(port)],
    environment: { HOME: folder, LITELLM_LOCAL_MODEL_COST_MAP: "True", LITELLM_TELEMETRY: "False" },
    healthUrl: `${url}/health/liveliness`,
  });
  return { name: names.liteLlm, url, headers: { authorization: `Bearer ${key}` }, model, processId, startMs, end };
}

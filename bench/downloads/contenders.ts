// Who downloads: the service through its API, Python's client, and curl with the tools of every system.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { serviceApi } from "../../test/tools/service-api.ts";
import { startServiceProcess } from "../../test/tools/service-process.ts";
import { usageOfTree, watchMemory } from "./process-usage.ts";

export interface Task {
  readonly endpoint: string;
  readonly model: string;
  /** Paths in the repository: curl has to be told. */
  readonly files: readonly string[];
  /** Empty, and removed afterwards. */
  readonly folder: string;
}

export interface Result {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  /** Null: everything came. */
  readonly problem: string | null;
}

export interface Contender {
  readonly name: string;
  run(task: Task): Promise<Result>;
}

/**
 * The whole service as its own process, already running as it always is; from the request to the event of the end.
 * @param main the entry of the built program.
 */
export const mlxManager = (main: string): Contender => ({
  name: "MLX Manager",
  async run({ endpoint, model, folder }) {
    const service = await startServiceProcess({ main, home: folder, environment: { HF_ENDPOINT: endpoint } });
    const api = serviceApi(service.address);
    const before = cpuOf(service.pid);
    const memory = watchMemory(service.pid);
    const began = performance.now();
    const { id } = await api.send<{ id: string }>("POST", "/api/downloads", { model });
    const done = await api.until("downloads", ({ snapshot, event }) => {
      const seen = [...(snapshot?.downloads ?? []), ...(event?.type === "download.changed" ? [event.data] : [])];
      return seen.find((download) => download.id === id && ["completed", "failed", "paused"].includes(download.state));
    });
    const seconds = (performance.now() - began) / 1000;
    const usage = { seconds, cpuSeconds: cpuOf(service.pid) - before, peakBytes: memory.end() };
    await service.kill("SIGTERM");
    return { ...usage, problem: done.state === "completed" ? null : `${done.state}: ${done.error?.code ?? ""}` };
  },
});

function cpuOf(processId: number): number {
  return usageOfTree(processId).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/** `hf download` with its defaults, or with all that its documentation offers for speed. It does not verify contents. */
export function hfDownload(python: string, kind: "default" | "high performance"): Contender {
  const isHigh = kind === "high performance";
  return {
    name: isHigh ? "hf high performance" : "hf download",
    run({ endpoint, model, folder }) {
      const words = ["download", model, "--quiet", ...(isHigh ? ["--max-workers", "16"] : [])];
      return measure(folder, join(python, "..", "hf"), words, {
        HF_HOME: join(folder, "home"),
        HF_HUB_CACHE: join(folder, "hub"),
        HF_ENDPOINT: endpoint,
        HF_HUB_DISABLE_TELEMETRY: "1",
        HF_HUB_DISABLE_UPDATE_CHECK: "1",
        // Without effect over plain HTTP, which has one code path: it only concerns Xet storage.
        ...(isHigh ? { HF_XET_HIGH_PERFORMANCE: "1" } : {}),
      });
    },
  };
}

const pipeline = 'set -o pipefail; curl -sfL "$1" | tee "$2" | openssl sha256 > "$3"';

/** One connection to a file, hashed on the way: the least that a verified download costs with the system's own tools. */
export const curlAndHash: Contender = {
  name: "curl | tee | sha256",
  run({ endpoint, model, files, folder }) {
    const paths = [`${endpoint}/${model}/resolve/main/${files[0]}`, join(folder, "file"), join(folder, "digest")];
    return measure(folder, "bash", ["-c", pipeline, "bash", ...paths]);
  },
};

/** curl alone, sixteen files at once; nothing is checked. */
export const curlParallel: Contender = {
  name: "curl --parallel",
  async run({ endpoint, model, files, folder }) {
    await mkdir(join(folder, "files"));
    const words = ["-sfL", "--parallel", "--parallel-max", "16", "--create-dirs"];
    for (const file of files)
      words.push("-o", join(folder, "files", file), `${endpoint}/${model}/resolve/main/${file}`);
    return measure(folder, "curl", words);
  },
};

/** Runs a program under bash, which tells the processor time of everything that ran below it. */
async function measure(
  folder: string,
  file: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const errors = join(folder, "errors.txt");
  const script = 'TIMEFORMAT="%U %S"; errors=$1; shift; time "$@" 2> "$errors"';
  const began = performance.now();
  const child = spawn("bash", ["-c", script, "bash", errors, file, ...words], {
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const memory = watchMemory(child.pid!, { childrenOnly: true });
  let told = "";
  child.stderr.on("data", (chunk: Buffer) => (told += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  const seconds = (performance.now() - began) / 1000;
  const [user = 0, system = 0] = told.trim().split("\n").at(-1)!.split(" ").map(Number);
  const last = (await readFile(errors, "utf8")).trim().split("\n").at(-1)!;
  const problem = code === 0 ? null : `ended with ${code}: ${last.slice(0, 100)}`;
  return { seconds, cpuSeconds: user + system, peakBytes: memory.end(), problem };
}

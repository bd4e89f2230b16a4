import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

/** The entry of this checkout. */
export const checkout = fileURLToPath(new URL("../../service/src/main.ts", import.meta.url));

export interface ServiceProcess {
  readonly address: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Everything it printed so far. */
  readonly lines: string[];
  kill(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export interface ServiceProcessOptions {
  readonly home: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly parameters?: readonly string[];
  /** The program's entry in place of this checkout's sources: a built one. */
  readonly main?: string;
  /** Starts it in surroundings of its own, as `SmallDisk.command` does. */
  readonly command?: (program: string, options: readonly string[]) => [program: string, options: string[]];
  /** Lets the process start the engine's installation by itself. */
  readonly installEngine?: boolean;
}

/** The environment of a service that touches nothing outside `home`. */
export function serviceEnvironment({ home, environment = {} }: ServiceProcessOptions): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    MLX_MANAGER_HOME: home,
    MLX_MANAGER_PORT: "0",
    MLX_MANAGER_HF_CACHE_PATH: join(home, "hub"),
    HF_ENDPOINT: "http://127.0.0.1:9",
    ...environment,
  };
}

/** `mlx-manager serve` as its own process, up to the line that says it is ready. @throws with its output when it ends before. */
export async function startServiceProcess(options: ServiceProcessOptions): Promise<ServiceProcess> {
  const words = [
    options.main ?? checkout,
    "serve",
    ...(options.installEngine === true ? [] : ["--no-install"]),
    ...(options.parameters ?? []),
  ];
  const plain = (file: string, rest: readonly string[]): [string, string[]] => [file, [...rest]];
  const command = options.command ?? plain;
  const [file, list] = command(process.execPath, ["--disable-warning=ExperimentalWarning", ...words]);
  const child = spawn(file, list, {
    env: serviceEnvironment(options),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  const ready = new Promise<string>((resolve, reject) => {
    const read = (line: string) => {
      lines.push(line);
      const address = /is ready at (http\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    };
    createInterface({ input: child.stdout }).on("line", read);
    createInterface({ input: child.stderr }).on("line", read);
    ended.then(
      ([code, signal]) => reject(new Error(`The service ended with ${code ?? signal}:\n${lines.join("\n")}`)),
      reject,
    );
  });
  const address = await ready;
  return {
    ...{ address, child, lines },
    pid: child.pid ?? 0,
    async kill(name) {
      child.kill(name);
      const [code, signal] = await ended;
      return { code, signal };
    },
  };
}

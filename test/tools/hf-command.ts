/** Python's own client of the Hub, as a person uses it, with a cache of its own. */
import { join } from "node:path";
import { execa } from "execa";
import { pythonEnvironment } from "./python-environment.ts";

export interface HfOptions {
  /** `HF_ENDPOINT`. */
  readonly endpoint: string;
  /** The folder that takes `HF_HOME` and `HF_HUB_CACHE`; nothing outside is touched. */
  readonly home: string;
  readonly token?: string;
}

export interface HfAnswer {
  readonly code: number;
  /** What it printed on both streams. */
  readonly output: string;
}

/** Runs `hf` to its end. */
export async function hf(words: readonly string[], options: HfOptions): Promise<HfAnswer> {
  const { folder } = await pythonEnvironment();
  const ended = await execa(join(folder, "bin", "hf"), [...words], {
    ...{ env: hubEnvironment(options), extendEnv: false, reject: false, all: true },
  });
  return { code: ended.exitCode ?? -1, output: ended.all };
}

export function hubEnvironment({ endpoint, home, token }: HfOptions): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    HF_HOME: join(home, "hf"),
    HF_HUB_CACHE: join(home, "hub"),
    HF_ENDPOINT: endpoint,
    HF_HUB_DISABLE_TELEMETRY: "1",
    NO_COLOR: "1",
    ...(token === undefined ? {} : { HF_TOKEN: token }),
  };
}

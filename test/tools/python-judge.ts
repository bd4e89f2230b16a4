/** What Python's own client makes of caches of ours: one process for all of them. */
import { execa } from "execa";
import { fileURLToPath } from "node:url";
import { pythonEnvironment } from "./python-environment.ts";

const program = fileURLToPath(new URL("../python/judge_caches.py", import.meta.url));

export interface CacheQuestion {
  readonly cache: string;
  readonly model: string;
  readonly revision: string;
  /** The Hub whose checksums count; null: no verification. */
  readonly endpoint: string | null;
}

interface Attempt<Value> {
  readonly value: Value | null;
  /** Name of the Python error. */
  readonly error: string | null;
}

export interface CacheJudgement {
  readonly warnings: string[];
  readonly repos: string[];
  readonly refs: Record<string, string[]>;
  readonly sizeOnDisk: number;
  /** The snapshot's folder, found offline with all its files. */
  readonly load: Attempt<string>;
  readonly loadAsMlxLm: Attempt<string>;
  readonly verify: Attempt<{ checked: number; mismatches: string[]; missing: string[] }> | null;
}

export async function judgeCaches(questions: readonly CacheQuestion[]): Promise<CacheJudgement[]> {
  const { python } = await pythonEnvironment();
  const { stdout } = await execa(python, [program], {
    input: JSON.stringify(questions),
    env: { HF_HUB_DISABLE_TELEMETRY: "1", HF_HUB_DISABLE_XET: "1" },
  });
  return JSON.parse(stdout) as CacheJudgement[];
}

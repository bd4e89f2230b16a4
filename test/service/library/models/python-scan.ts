import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { pythonEnvironment } from "../../../tools/python-environment.ts";

const program = fileURLToPath(new URL("../../../python/scan_cache.py", import.meta.url));

export interface PythonScan {
  readonly warnings: string[];
  /** Commits by repository. */
  readonly repos: Record<string, string[]>;
  readonly sizeOnDisk: number;
  /** Why a model does not load, by `id@revision`. */
  readonly failures: Record<string, string>;
}

/** What Python's own client finds in a cache, and whether these models load from it without the Hub. */
export async function scanWithPython(
  cache: string,
  models: readonly { id: string; revision: string }[] = [],
): Promise<PythonScan> {
  const { python } = await pythonEnvironment();
  const { stdout } = await execa(python, [program], {
    input: JSON.stringify({ cache, models }),
    env: { HF_HUB_DISABLE_TELEMETRY: "1" },
  });
  return JSON.parse(stdout) as PythonScan;
}

import { join } from "node:path";
import { execa } from "execa";
import { pythonEnvironment } from "./python-environment.ts";

/** Python's own client on one cache and one Hub: the referee of what we write. */
export interface PythonHub {
  /** Runs a program; answers what it printed. */
  run(code: string): Promise<string>;
  /** The `hf` command. @throws with its output when it fails. */
  hf(...words: string[]): Promise<string>;
  /** What Python thinks of the cache; none is right. */
  warnings(): Promise<string[]>;
}

export async function pythonHub(cache: string, endpoint: string): Promise<PythonHub> {
  const { python } = await pythonEnvironment();
  const env = {
    HF_HUB_CACHE: cache,
    HF_HOME: join(cache, "..", "hf-home"),
    HF_ENDPOINT: endpoint,
    HF_HUB_DISABLE_TELEMETRY: "1",
    HF_HUB_DISABLE_UPDATE_CHECK: "1",
    HF_HUB_DISABLE_PROGRESS_BARS: "1",
    // The fake Hub has no Xet storage.
    HF_HUB_DISABLE_XET: "1",
  };
  const run = async (code: string): Promise<string> => (await execa(python, ["-c", code], { env })).stdout.trim();
  return {
    run,
    hf: async (...words) => (await execa(join(python, "..", "hf"), words, { env })).stdout.trim(),
    async warnings() {
      // Before the first download there is no cache, which Python takes for an error of its own kind.
      const code = [
        "import json",
        "from huggingface_hub import scan_cache_dir, CacheNotFound",
        "try: print(json.dumps([str(one) for one in scan_cache_dir().warnings]))",
        "except CacheNotFound: print('[]')",
      ].join("\n");
      return JSON.parse(await run(code)) as string[];
    },
  };
}

/** What `mlx_lm` asks for when it loads a model. */
export const mlxPatterns = [
  ...["*.json", "model*.safetensors", "*.py", "tokenizer.model", "*.tiktoken", "tiktoken.model"],
  ...["*.txt", "*.jsonl", "*.jinja"],
];

/** Where Python finds a model without a network. @throws when it does not. */
export function offlineSnapshot(python: PythonHub, model: string, patterns: readonly string[] | null): Promise<string> {
  const more = patterns === null ? "" : `, allow_patterns=${JSON.stringify(patterns)}`;
  return python.run(
    `from huggingface_hub import snapshot_download; print(snapshot_download("${model}", local_files_only=True${more}))`,
  );
}

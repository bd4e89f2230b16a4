import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SplitFacts } from "./parallel-models.ts";

type Config = Readonly<Record<string, unknown>>;

/** What decides how a model can be split, from its own files. A model with several parts is judged by its text. */
export async function readSplitFacts(modelPath: string): Promise<SplitFacts> {
  const config = JSON.parse(await readFile(join(modelPath, "config.json"), "utf8")) as Config;
  const inner = config["text_config"];
  const text = typeof inner === "object" && inner !== null ? (inner as Config) : {};
  const number = (name: string): number | null => {
    const value = config[name] ?? text[name];
    return typeof value === "number" ? value : null;
  };
  return {
    modelType: typeof config["model_type"] === "string" ? config["model_type"] : null,
    heads: number("num_attention_heads"),
    keyValueHeads: number("num_key_value_heads"),
    layers: number("num_hidden_layers"),
    hasIndex: existsSync(join(modelPath, "model.safetensors.index.json")),
  };
}

import type { MemoryShape } from "./memory-shape.ts";

type Config = Readonly<Record<string, unknown>>;

/** How a model with this `config.json` uses memory while it runs; null where the file does not tell. */
export function memoryShapeOf(config: Config | null): MemoryShape | null {
  const text = part(config?.["text_config"]) ?? config;
  const layers = whole(text?.["num_hidden_layers"]);
  const hidden = whole(text?.["hidden_size"]);
  const heads = whole(text?.["num_attention_heads"]);
  if (layers === null || hidden === null || heads === null) return null;
  const kvHeads = whole(text?.["num_key_value_heads"]) ?? heads;
  const width = whole(text?.["head_dim"]) ?? Math.floor(hidden / heads);
  const dtype = text?.["dtype"] ?? text?.["torch_dtype"] ?? config?.["dtype"] ?? config?.["torch_dtype"];
  const elementBytes = dtype === "float32" ? 4 : 2;
  const intermediate = whole(text?.["intermediate_size"]) ?? 4 * hidden;
  return {
    basis: "plain",
    layers: [{ layers, rows: [row(kvHeads, width), row(kvHeads, width)], window: null, stateBytes: 0 }],
    elementBytes,
    stepBytesPerToken: (6 * hidden + 3 * intermediate) * elementBytes,
  };
}

function row(heads: number, width: number) {
  return { heads, width };
}

function part(value: unknown): Config | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Config) : null;
}

function whole(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 1e9 ? value : null;
}

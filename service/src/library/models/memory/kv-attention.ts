import type { CachedLayers, CachedRows } from "./memory-shape.ts";
import { count, countOr, list, part, whole } from "../facts/text-config.ts";
import type { TextConfig } from "../facts/text-config.ts";

/** What one layer caches. */
export type CachedLayer = Omit<CachedLayers, "layers">;

/** The layers of a model, first to last. Numbers that are missing come out as NaN. */
export type LayerRule = (config: TextConfig) => CachedLayer[];

export interface Heads {
  readonly query: number;
  readonly keyValue: number;
  readonly width: number;
}

/** Heads by all the names that families have for them. */
export function headsOf(config: TextConfig): Heads {
  const query = count(config, "num_attention_heads", "n_head", "n_heads", "num_heads", "num_query_heads");
  const keyValue = countOr(config, query, "num_key_value_heads", "n_kv_heads", "num_kv_heads");
  return { query, keyValue, width: countOr(config, Math.floor(hiddenOf(config) / query), "head_dim") };
}

export function hiddenOf(config: TextConfig): number {
  return count(config, "hidden_size", "n_embd", "d_model", "hidden_dim", "model_dim");
}

const mostLayers = 2000;

export function layersOf<Layer>(config: TextConfig, layer: (index: number) => Layer): Layer[] {
  const found = count(config, "num_hidden_layers", "n_layer", "n_layers", "num_layers", "num_transformer_layers");
  // An absurd number of layers must not cost time; none at all is found out by the caller.
  return Array.from({ length: found <= mostLayers ? found : 0 }, (_, index) => layer(index));
}

/** Keys and values of all tokens. */
export function full(heads: number, width: number, valueWidth = width): CachedLayer {
  return { rows: rowsOf(heads, width, valueWidth), window: null, stateBytes: 0, quantizable: true };
}

/** Keys and values of the last tokens. The engine refuses to quantize such a cache. */
export function windowed(window: number, heads: number, width: number, valueWidth = width): CachedLayer {
  return { rows: rowsOf(heads, width, valueWidth), window, stateBytes: 0, quantizable: false };
}

function rowsOf(heads: number, width: number, valueWidth: number): CachedRows[] {
  return [
    { heads, width },
    { heads, width: valueWidth },
  ];
}

/** Every layer keeps everything. */
export const everything: LayerRule = (config) => {
  const { keyValue, width } = headsOf(config);
  return layersOf(config, () => full(keyValue, width));
};

/** `everything` where a head is always `hidden / heads` wide, whatever `head_dim` says. */
export const everythingSplit: LayerRule = (config) => {
  const { keyValue } = headsOf(config);
  return layersOf(config, () => full(keyValue, splitWidth(config)));
};

/** `everything` where each query head has its own keys and values. */
export const everyHead: LayerRule = (config) => {
  const { query, width } = headsOf(config);
  return layersOf(config, () => full(query, width));
};

export const everyHeadSplit: LayerRule = (config) => {
  const { query } = headsOf(config);
  return layersOf(config, () => full(query, splitWidth(config)));
};

export function splitWidth(config: TextConfig): number {
  return Math.floor(hiddenOf(config) / headsOf(config).query);
}

/** Sliding or full by `layer_types`; `fallback` tells of layers that the list does not. */
export function byLayerTypes(fallback: (index: number) => boolean): LayerRule {
  return (config) => {
    const { keyValue, width } = headsOf(config);
    const isFull = fullLayers(config, fallback);
    return layersOf(config, (index) =>
      isFull(index) ? full(keyValue, width) : windowed(count(config, "sliding_window"), keyValue, width),
    );
  };
}

export function fullLayers(config: TextConfig, fallback: (index: number) => boolean): (index: number) => boolean {
  const types = list(config, "layer_types");
  return (index) => (types === null ? fallback(index) : types[index] === "full_attention");
}

export const always = (): boolean => true;
/** Every `period`-th layer, beginning with the last of the first period. */
export const everyNth =
  (period: number) =>
  (index: number): boolean =>
    index % period === period - 1;

/** One full layer in every `sliding_window_pattern`. */
export const byPattern: LayerRule = (config) => {
  const { keyValue, width } = headsOf(config);
  const isFull = everyNth(count(config, "sliding_window_pattern"));
  return layersOf(config, (index) =>
    isFull(index) ? full(keyValue, width) : windowed(count(config, "sliding_window", "window_size"), keyValue, width),
  );
};

/** `LLLG`: local and global ones in turn; no pattern, no windows. */
export const byLetters: LayerRule = (config) => {
  const { keyValue, width } = headsOf(config);
  const pattern: unknown = config.values["sliding_window_pattern"];
  const isLocal = (index: number) =>
    typeof pattern === "string" && pattern !== "" && pattern[index % pattern.length] === "L";
  return layersOf(config, (index) =>
    isLocal(index) ? windowed(count(config, "sliding_window"), keyValue, width) : full(keyValue, width),
  );
};

/** The cache of chunked layers is cut to a chunk and then grows by a step of the cache. */
const chunkGrowth = 256;

export const llama4: LayerRule = (config) => {
  const { keyValue, width } = headsOf(config);
  const isFull = everyNth(4);
  const window = count(config, "attention_chunk_size") + chunkGrowth;
  return layersOf(config, (index) =>
    isFull(index) ? full(keyValue, width) : { ...windowed(window, keyValue, width) },
  );
};

/** The last layers read what earlier ones cached and keep nothing; full layers may have wider heads. */
export const sharing: LayerRule = (config) => {
  const { keyValue, width } = headsOf(config);
  const wide = countOr(config, width, "global_head_dim");
  const isAlike = config.values["attention_k_eq_v"] === true;
  const wideHeads = isAlike ? countOr(config, keyValue, "num_global_key_value_heads") : keyValue;
  const isFull = fullLayers(config, everyNth(countOr(config, 1, "sliding_window_pattern")));
  const layers = layersOf(config, (index) =>
    isFull(index) ? full(wideHeads, wide) : windowed(count(config, "sliding_window"), keyValue, width),
  );
  return layers.slice(0, Math.max(0, layers.length - countOr(config, 0, "num_kv_shared_layers")));
};

export const mimoFlash: LayerRule = (config) => {
  const { keyValue, width } = headsOf(config);
  const pattern = list(config, "hybrid_layer_pattern") ?? [];
  return layersOf(config, (index) =>
    pattern[index] === 1
      ? windowed(
          count(config, "sliding_window_size"),
          count(config, "swa_num_key_value_heads"),
          count(config, "swa_head_dim"),
          count(config, "swa_v_head_dim"),
        )
      : full(keyValue, width, count(config, "v_head_dim")),
  );
};

export const step3p5: LayerRule = (config) => {
  const heads = count(config, "num_attention_groups");
  const width = count(config, "head_dim");
  const other = part(config.values["attention_other_setting"]);
  const isFull = fullLayers(config, (index) => index % 2 === 1);
  return layersOf(config, (index) => {
    if (isFull(index)) return full(heads, width);
    return windowed(count(config, "sliding_window"), whole(other?.["num_attention_groups"]) ?? heads, width);
  });
};

/** A second round over the layers, with windows. */
export const twice: LayerRule = (config) => {
  const { keyValue, width } = headsOf(config);
  const window = count(config, "loop_window_size");
  const layers = layersOf(config, () => full(keyValue, width));
  return [...layers, ...layers.map(() => windowed(window, keyValue, width))];
};

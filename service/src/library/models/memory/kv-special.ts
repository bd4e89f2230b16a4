import { full, headsOf, hiddenOf, layersOf, splitWidth, windowed } from "./kv-attention.ts";
import type { CachedLayer, LayerRule } from "./kv-attention.ts";
import { latentPairs } from "./kv-latent.ts";
import { count, countOr, list, part, whole } from "../facts/text-config.ts";

/** The last layers reuse what an earlier one cached. */
export const afm7: LayerRule = (config) => {
  const { keyValue } = headsOf(config);
  const layers = layersOf(config, () => full(keyValue, splitWidth(config)));
  return layers.slice(0, Math.max(0, layers.length - countOr(config, 0, "num_kv_reuse_layers")));
};

/** The layers are gone through several times, each time with caches of their own. */
export const nanbeige: LayerRule = (config) => {
  const { keyValue, width } = headsOf(config);
  const loops = countOr(config, 1, "num_loops");
  return Array.from({ length: Math.min(loops, 100) }, () => layersOf(config, () => full(keyValue, width))).flat();
};

/** Blocks that a search has thinned out: some share keys among more heads, some do not attend at all. */
export const nemotronNas: LayerRule = (config) => {
  const { query } = headsOf(config);
  const width = splitWidth(config);
  return (list(config, "block_configs") ?? []).flatMap((block) => {
    const attention = part(part(block)?.["attention"]);
    if (attention?.["no_op"] === true || attention?.["replace_with_linear"] === true) return [];
    const sharing = whole(attention?.["n_heads_in_group"]) ?? Number.NaN;
    return [full(Math.floor(query / sharing), width)];
  });
};

/** Each layer has as many heads as the config lists for it. */
export const openelm: LayerRule = (config) => {
  const heads = list(config, "num_kv_heads") ?? [];
  const width = count(config, "head_dim");
  const layers = Math.min(count(config, "num_transformer_layers"), heads.length);
  return heads.slice(0, layers).map((number) => full(whole(number) ?? Number.NaN, width));
};

export const dbrx: LayerRule = (config) => {
  const heads = whole(part(config.values["attn_config"])?.["kv_n_heads"]) ?? Number.NaN;
  const width = Math.floor(hiddenOf(config) / count(config, "n_heads"));
  return layersOf(config, () => full(heads, width));
};

export const plamo: LayerRule = (config) => {
  const { query } = headsOf(config);
  const heads = Math.floor(query / count(config, "n_shared_head"));
  return layersOf(config, () => full(heads, splitWidth(config)));
};

export const qwen: LayerRule = (config) => {
  const { query } = headsOf(config);
  const width = count(config, "kv_channels");
  return layersOf(config, () => full(query, width));
};

/** One key and value for all heads, unless the config says otherwise. */
export const bigcode: LayerRule = (config) => {
  const { query } = headsOf(config);
  const heads = config.values["multi_query"] === false ? query : 1;
  return layersOf(config, () => full(heads, splitWidth(config)));
};

/** Sparse layers keep the keys of an index besides. */
export const minimaxM3: LayerRule = (config) => {
  const { keyValue, width } = headsOf(config);
  const sparse = part(config.values["sparse_attention_config"]);
  const indexWidth = whole(sparse?.["sparse_index_dim"]) ?? countOr(config, 0, "index_head_dim");
  const hasIndex = (whole(sparse?.["sparse_block_size"]) ?? countOr(config, 0, "index_block_size")) > 0;
  const types = list(config, "layer_types");
  const listed: unknown = sparse?.["sparse_attention_freq"];
  const frequencies = Array.isArray(listed) ? listed : list(config, "sparse_attention_freq");
  const isSparse = (index: number) =>
    hasIndex &&
    (types === null ? frequencies === null || Boolean(frequencies[index]) : types[index] !== "full_attention");
  const plain = { ...full(keyValue, width), quantizable: false };
  const indexed = { ...plain, rows: [...plain.rows, { heads: 1, width: indexWidth }] };
  return layersOf(config, (index) => (isSparse(index) ? indexed : plain));
};

/** Windows in every layer, and in some a summary of each few tokens that later layers read too. */
export const deepseekV41: LayerRule = (config) => {
  const width = count(config, "head_dim");
  const window = count(config, "sliding_window");
  const ratios = list(config, "compress_ratios") ?? [];
  const sources = list(config, "kv_source_layer_ids") ?? [];
  const indexed = list(config, "index_source_layer_ids") ?? [];
  const slides = { ...windowed(window, 1, width), rows: [{ heads: 1, width }] };
  const summaries = sources.flatMap((source): CachedLayer[] => {
    const ratio = whole(ratios[Number(source)]) ?? 0;
    if (ratio === 0) return [];
    const index = indexed.includes(source) ? count(config, "index_head_dim") : 0;
    return [{ ...full(1, 0), rows: [{ heads: 1, width: (width + index) / ratio }], quantizable: false }];
  });
  return [...layersOf(config, () => slides), ...summaries];
};

const idBytes = 8;

/** Keeps the last tokens themselves, for its table of word groups. */
export const longcatNgram: LayerRule = (config) => {
  const ids = (count(config, "emb_neighbor_num") - 1) * idBytes;
  return [{ rows: [], window: null, stateBytes: ids, quantizable: false }, ...latentPairs(config)];
};

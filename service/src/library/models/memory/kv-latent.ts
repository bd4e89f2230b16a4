import { headsOf, layersOf } from "./kv-attention.ts";
import type { CachedLayer, LayerRule } from "./kv-attention.ts";
import { count } from "../facts/text-config.ts";
import type { TextConfig } from "../facts/text-config.ts";

/** One latent for all heads and the key of the position: what multi-head latent attention is for. */
export function latent(config: TextConfig): CachedLayer {
  return {
    rows: [
      { heads: 1, width: count(config, "kv_lora_rank") },
      { heads: 1, width: count(config, "qk_rope_head_dim") },
    ],
    window: null,
    stateBytes: 0,
    // The engine takes the latent apart right after the cache, which a quantized one does not survive.
    quantizable: false,
  };
}

export const latents: LayerRule = (config) => layersOf(config, () => latent(config));

/** Two attentions in each layer. */
export const latentPairs: LayerRule = (config) =>
  layersOf(config, () => {
    const one = latent(config);
    return { ...one, rows: [...one.rows, ...one.rows] };
  });

/** With an index of keys that picks what to look at; the engine keeps it twice. */
export const indexedLatents: LayerRule = (config) => {
  const index = { heads: 1, width: count(config, "index_head_dim") };
  return layersOf(config, () => {
    const one = latent(config);
    return { ...one, rows: [...one.rows, index, index] };
  });
};

/** Older families of the same attention, for which the engine caches the keys and values of every head. */
export const expandedLatents: LayerRule = (config) => {
  const { query } = headsOf(config);
  const width = count(config, "qk_nope_head_dim") + count(config, "qk_rope_head_dim");
  return layersOf(config, () => ({
    rows: [
      { heads: query, width },
      { heads: query, width: count(config, "v_head_dim") },
    ],
    window: null,
    stateBytes: 0,
    quantizable: true,
  }));
};

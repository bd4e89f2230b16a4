import { everyNth, full, headsOf, hiddenOf, layersOf, splitWidth, windowed } from "./kv-attention.ts";
import type { CachedLayer, LayerRule } from "./kv-attention.ts";
import { latent } from "./kv-latent.ts";
import { count, countOr, list, part, whole } from "../facts/text-config.ts";
import type { TextConfig } from "../facts/text-config.ts";

/** Most engines' states are kept in float32 whatever the model computes in. */
const floatBytes = 4;

function state(stateBytes: number): CachedLayer {
  return { rows: [], window: null, stateBytes, quantizable: false };
}

/** The last inputs of a short convolution. */
function convolution({ elementBytes }: TextConfig, kernel: number, channels: number): number {
  return (kernel - 1) * channels * elementBytes;
}

/** Layers in turn: those that `isFull` names attend to everything, the others keep a state. */
function hybrid(config: TextConfig, isFull: (index: number) => boolean, other: CachedLayer, own?: CachedLayer) {
  const { keyValue, width } = headsOf(config);
  const attention = own ?? full(keyValue, width);
  return layersOf(config, (index) => (isFull(index) ? attention : other));
}

/** Gated delta networks: qwen3_next, qwen3_5, olmo_hybrid. */
function gatedDelta(config: TextConfig): CachedLayer {
  const keyHeads = count(config, "linear_num_key_heads");
  const valueHeads = count(config, "linear_num_value_heads");
  const keyWidth = count(config, "linear_key_head_dim");
  const valueWidth = count(config, "linear_value_head_dim");
  const channels = 2 * keyHeads * keyWidth + valueHeads * valueWidth;
  const kept = convolution(config, count(config, "linear_conv_kernel_dim"), channels);
  return state(kept + valueHeads * valueWidth * keyWidth * floatBytes);
}

export const qwen3Next: LayerRule = (config) =>
  hybrid(config, everyNth(count(config, "full_attention_interval")), gatedDelta(config));

export const olmoHybrid: LayerRule = (config) => {
  const types = list(config, "layer_types");
  const isFull = (index: number) => (types === null ? index % 4 === 3 : types[index] !== "linear_attention");
  return hybrid(config, isFull, gatedDelta(config));
};

/** Delta attention with latent attention in between. */
export const kimiLinear: LayerRule = (config) => {
  const linear = part(config.values["linear_attn_config"]);
  const listed: unknown = linear?.["kda_layers"];
  const recurrent = Array.isArray(listed) ? listed : [];
  const heads = whole(linear?.["num_heads"]) ?? Number.NaN;
  const width = whole(linear?.["head_dim"]) ?? Number.NaN;
  const kernel = whole(linear?.["short_conv_kernel_size"]) ?? 4;
  const other = deltaState(config, heads, width, kernel);
  return hybrid(config, (index) => !recurrent.includes(index + 1), other, latent(config));
};

function deltaState(config: TextConfig, heads: number, width: number, kernel: number): CachedLayer {
  return state(convolution(config, kernel, 3 * heads * width) + heads * width * width * floatBytes);
}

/** In groups of layers the last attends to everything, and so do those left over at the end. */
function lastOfGroup(config: TextConfig): (index: number) => boolean {
  const group = count(config, "layer_group_size");
  const inGroups = Math.floor(count(config, "num_hidden_layers") / group) * group;
  return (index) => (index + 1) % group === 0 || index >= inGroups;
}

export const bailingLinear: LayerRule = (config) => {
  const { query } = headsOf(config);
  const width = splitWidth(config);
  return hybrid(config, lastOfGroup(config), state(query * width * width * config.elementBytes));
};

export const bailingHybrid: LayerRule = (config) => {
  const { query, width } = headsOf(config);
  return hybrid(config, lastOfGroup(config), state(query * width * width * floatBytes), latent(config));
};

export const bailingV3: LayerRule = (config) => {
  const { query, width } = headsOf(config);
  const other = deltaState(config, query, width, count(config, "short_conv_kernel_size"));
  return hybrid(config, lastOfGroup(config), other, latent(config));
};

/** The first generation of state spaces, which keeps its state as the model computes. */
function mamba1(config: TextConfig, channels: number, kernel: number, states: number): CachedLayer {
  return state(convolution(config, kernel, channels) + channels * states * config.elementBytes);
}

export const mamba: LayerRule = (config) => {
  const layer = mamba1(
    config,
    count(config, "intermediate_size", "d_inner"),
    count(config, "conv_kernel", "d_conv"),
    count(config, "state_size", "d_state"),
  );
  return layersOf(config, () => layer);
};

export const jamba: LayerRule = (config) => {
  const channels = count(config, "mamba_expand") * hiddenOf(config);
  const layer = mamba1(config, channels, count(config, "mamba_d_conv"), count(config, "mamba_d_state"));
  const types = list(config, "layers_block_type");
  const period = count(config, "attn_layer_period");
  const offset = count(config, "attn_layer_offset");
  const attends = (index: number) => (types === null ? index % period === offset : types[index] === "attention");
  return hybrid(config, attends, layer, full(headsOf(config).keyValue, splitWidth(config)));
};

interface StateSpace {
  readonly heads: number;
  readonly width: number;
  readonly states: number;
  readonly groups: number;
  readonly kernel: number;
}

/** The second generation: one state per head, in float32. */
function mamba2Bytes(config: TextConfig, { heads, width, states, groups, kernel }: StateSpace): number {
  return convolution(config, kernel, heads * width + 2 * groups * states) + heads * width * states * floatBytes;
}

export const mamba2: LayerRule = (config) => {
  const bytes = mamba2Bytes(config, {
    heads: count(config, "num_heads"),
    width: count(config, "head_dim"),
    states: count(config, "ssm_state_size", "state_size"),
    groups: count(config, "n_groups"),
    kernel: count(config, "conv_kernel"),
  });
  return layersOf(config, () => state(bytes));
};

function prefixedStateSpace(config: TextConfig): number {
  return mamba2Bytes(config, {
    heads: count(config, "mamba_n_heads"),
    width: count(config, "mamba_d_head"),
    states: count(config, "mamba_d_state"),
    groups: count(config, "mamba_n_groups"),
    kernel: count(config, "mamba_d_conv"),
  });
}

export const graniteHybrid: LayerRule = (config) => {
  const types = list(config, "layer_types") ?? [];
  const attention = full(headsOf(config).keyValue, splitWidth(config));
  return hybrid(config, (index) => types[index] === "attention", state(prefixedStateSpace(config)), attention);
};

/** Every layer has both: a state and keys and values. */
export const falconH1: LayerRule = (config) => {
  const { keyValue, width } = headsOf(config);
  const stateBytes = prefixedStateSpace(config);
  return layersOf(config, () => ({ ...full(keyValue, width), stateBytes, quantizable: false }));
};

const nemotronLetters: Readonly<Record<string, string>> = { mamba: "M", attention: "*" };

/** `M` keeps a state, `*` attends, the rest keeps nothing. The pattern also tells how many layers there are. */
export const nemotronH: LayerRule = (config) => {
  const { keyValue, width } = headsOf(config);
  const bytes = mamba2Bytes(config, {
    heads: count(config, "mamba_num_heads"),
    width: count(config, "mamba_head_dim"),
    states: count(config, "ssm_state_size"),
    groups: count(config, "n_groups"),
    kernel: count(config, "conv_kernel"),
  });
  const pattern: unknown = config.values["hybrid_override_pattern"];
  const types = list(config, "hybrid_override_pattern", "layers_block_type", "layer_types") ?? [];
  const letters = typeof pattern === "string" ? [...pattern] : types.map((type) => nemotronLetters[`${type}`] ?? type);
  return letters.flatMap((letter) => (letter === "M" ? [state(bytes)] : letter === "*" ? [full(keyValue, width)] : []));
};

export const plamo2: LayerRule = (config) => {
  const width = count(config, "hidden_size_per_head");
  const heads = count(config, "mamba_num_heads");
  const step = count(config, "mamba_step");
  const bytes =
    convolution(config, count(config, "mamba_d_conv"), heads * width) +
    heads * width * count(config, "mamba_d_state") * floatBytes;
  const layers = count(config, "num_hidden_layers");
  const half = Math.floor(step / 2);
  const attends = (index: number) => (layers <= half ? index === layers - 1 : index % step === half);
  const isFull = (index: number) => config.values["mamba_enabled"] === false || attends(index);
  return hybrid(config, isFull, state(bytes), full(count(config, "num_key_value_heads"), width));
};

/** Short convolutions with attention in between: lfm2. */
export const lfm2: LayerRule = (config) => {
  const { keyValue } = headsOf(config);
  const hidden = hiddenOf(config);
  const types = list(config, "layer_types");
  const indices = list(config, "full_attn_idxs");
  const isFull = (index: number) => indices?.includes(index) ?? types?.[index] === "full_attention";
  const other = state(convolution(config, count(config, "conv_L_cache"), hidden));
  return hybrid(config, isFull, other, full(keyValue, splitWidth(config)));
};

/** Convolutions over keys and values, windows and full attention. */
export const gear: LayerRule = (config) => {
  const { keyValue, width } = headsOf(config);
  const types = list(config, "layer_types") ?? [];
  const other = state(convolution(config, count(config, "conv_L_cache"), 2 * keyValue * width));
  const slides = windowed(count(config, "sliding_window"), keyValue, width);
  return layersOf(config, (index) => {
    if (types[index] === "full_attention") return full(keyValue, width);
    return types[index] === "sliding_attention" ? slides : other;
  });
};

export const recurrentGemma: LayerRule = (config) => {
  const { keyValue } = headsOf(config);
  const hidden = hiddenOf(config);
  const types = list(config, "block_types", "_block_types") ?? [];
  const recurrent = state(convolution(config, count(config, "conv1d_width"), hidden) + hidden * config.elementBytes);
  const attention = windowed(count(config, "attention_window_size"), keyValue, splitWidth(config));
  return layersOf(config, (index) => (types[index % types.length] === "recurrent" ? recurrent : attention));
};

export const rwkv7: LayerRule = (config) => {
  const hidden = hiddenOf(config);
  const width = count(config, "head_dim");
  return layersOf(config, () => state((2 * hidden + hidden * width) * config.elementBytes));
};

/** The last key and value of each layer besides its cache; windows have heads of their own. */
export const baichuan: LayerRule = (config) => {
  const { query, keyValue } = headsOf(config);
  const hidden = hiddenOf(config);
  const slides = list(config, "sliding_window_layers") ?? [];
  const windowQuery = countOr(config, query, "num_swa_attention_heads");
  const windowHeads = countOr(config, keyValue, "num_swa_key_value_heads");
  const withLast = (layer: CachedLayer): CachedLayer => ({
    ...layer,
    stateBytes: layer.rows.reduce((sum, { heads, width }) => sum + heads * width * config.elementBytes, 0),
    quantizable: false,
  });
  const all = withLast(full(keyValue, Math.floor(hidden / query)));
  const last = withLast(windowed(count(config, "sliding_window"), windowHeads, Math.floor(hidden / windowQuery)));
  return layersOf(config, (index) => (slides.includes(index) ? last : all));
};

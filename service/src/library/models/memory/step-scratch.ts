import { headsOf, hiddenOf } from "./kv-attention.ts";
import type { CachedLayers, StepScratch } from "./memory-shape.ts";
import { countOr } from "../facts/text-config.ts";
import type { TextConfig } from "../facts/text-config.ts";

/** Widths of heads for which Metal has an attention kernel that never writes the scores down (mlx-metal 0.32.4). */
const fusedWidths = [64, 72, 80, 96, 128, 192, 256];

/** Attention that these write out in Python, for a soft cap or a sparse mask. */
const writtenOut = ["gemma2", "phi3small"];

/** Forms of the residual stream that are alive at once. Measured, as docs/fit.md tells. */
const residualForms = 8;

/**
 * Estimates what one layer takes for a moment: the residual stream in several forms, the heads, the feed-forward of all
 * experts at work, and where it is written down the matrix of scores.
 */
export function scratchOf(config: TextConfig, layers: readonly CachedLayers[]): StepScratch {
  const { elementBytes } = config;
  const hidden = hiddenOf(config);
  const { query } = headsOf(config);
  const scores = layers.some((layer) => writesScores(config, layer)) ? query : 0;
  const expanded = layers.some((layer) => isLatent(config, layer))
    ? query * (countOr(config, 0, "qk_nope_head_dim") + countOr(config, 0, "v_head_dim"))
    : 0;
  return {
    perStepToken: elementBytes * (residualForms * hidden + attentionWidth(config) + forwardWidth(config, hidden)),
    perPair: elementBytes * scores,
    perContextToken: elementBytes * expanded,
  };
}

/** Queries, keys, values and what comes of them, before and after they are brought into order. */
function attentionWidth(config: TextConfig): number {
  const { query, keyValue, width } = headsOf(config);
  const keys = countOr(config, 0, "linear_num_key_heads") * countOr(config, 0, "linear_key_head_dim");
  const values = countOr(config, 0, "linear_num_value_heads") * countOr(config, 0, "linear_value_head_dim");
  const heads = Number.isNaN(query) ? 0 : (2 * query + 2 * keyValue) * width;
  return Math.max(heads, 2 * (2 * keys + 2 * values));
}

/** Gate, rise and their product of a dense layer; of experts, for each one its token before and after besides. */
function forwardWidth(config: TextConfig, hidden: number): number {
  const dense = countOr(config, 4 * hidden, "intermediate_size", "ffn_hidden_size", "n_inner");
  const experts = countOr(config, 0, "num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_top_k");
  const expert = countOr(config, dense, "moe_intermediate_size", "expert_ffn_hidden_size");
  return Math.max(3 * dense, experts * (3 * expert + 2 * hidden));
}

/** The kernel wants keys and values of one width, and one that it was made for. */
function writesScores(config: TextConfig, { rows }: CachedLayers): boolean {
  if (rows.length === 0) return false;
  const [key, value, ...more] = rows;
  const isFused = more.length === 0 && key?.width === value?.width && fusedWidths.includes(key?.width ?? 0);
  return !isFused || writtenOut.includes(String(config.values["model_type"]));
}

function isLatent(config: TextConfig, { rows }: CachedLayers): boolean {
  return rows[0]?.heads === 1 && rows[0].width === config.values["kv_lora_rank"];
}

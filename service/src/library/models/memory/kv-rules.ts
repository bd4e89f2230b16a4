import * as attention from "./kv-attention.ts";
import type { LayerRule } from "./kv-attention.ts";
import * as latents from "./kv-latent.ts";
import * as special from "./kv-special.ts";
import * as state from "./kv-state.ts";

const { everything, everythingSplit, everyHead, everyHeadSplit, byLayerTypes, byPattern, always, everyNth } = attention;

/**
 * How each module of mlx-lm caches: read from its `make_cache` and attention, and compared with what its caches really
 * hold (test/service/library/models/kv-referee.test.ts).
 */
export const layerRules: Readonly<Record<string, LayerRule>> = {
  ...named(everything, "bitnet dots1 ernie4_5 ernie4_5_moe exaone gemma gemma2 glm glm4 glm4_moe hunyuan_v1_dense"),
  ...named(
    everything,
    "llama4_text minimax nemotron olmo2 olmoe qwen3 qwen3_moe seed_oss smollm3 solar_open telechat3",
  ),
  ...named(everythingSplit, "Klear apertus bailing_moe cohere deepseek granite granitemoe helium hunyuan internlm2"),
  ...named(everythingSplit, "internlm3 lille-130m mimo minicpm mixtral nanochat phi phi3 phi3small phimoe qwen2"),
  ...named(everythingSplit, "qwen2_moe stablelm starcoder2"),
  ...named(everyHead, "talkie"),
  ...named(everyHeadSplit, "gpt2 gpt_neox gptj phixtral"),
  ...named(byLayerTypes(always), "llama ministral3 laguna"),
  ...named(
    byLayerTypes(() => false),
    "afmoe exaone_moe mellum muse_spark",
  ),
  ...named(byLayerTypes(everyNth(4)), "muse_glimmer olmo3 spark2_5"),
  ...named(byLayerTypes(everyNth(2)), "gpt_oss"),
  ...named(byPattern, "cohere2 gemma3_text plamo3"),
  ...named(attention.sharing, "gemma3n gemma4_text"),
  ...named(latents.latents, "deepseek_v3 glm4_moe_lite mistral4"),
  ...named(latents.indexedLatents, "deepseek_v32 glm_moe_dsa"),
  ...named(latents.expandedLatents, "deepseek_v2 minicpm3 youtu_llm"),
  ...named(state.qwen3Next, "qwen3_next qwen3_5 qwen3_5_moe"),
  ...named(state.kimiLinear, "kimi_linear kimi_k3"),
  ...named(state.lfm2, "lfm2 lfm2_moe"),
  exaone4: attention.byLetters,
  llama4: attention.llama4,
  mimo_v2_flash: attention.mimoFlash,
  step3p5: attention.step3p5,
  iquestloopcoder: attention.twice,
  longcat_flash: latents.latentPairs,
  longcat_flash_ngram: special.longcatNgram,
  olmo_hybrid: state.olmoHybrid,
  bailing_moe_linear: state.bailingLinear,
  bailing_hybrid: state.bailingHybrid,
  bailing_moe_v3: state.bailingV3,
  mamba: state.mamba,
  mamba2: state.mamba2,
  jamba: state.jamba,
  granitemoehybrid: state.graniteHybrid,
  falcon_h1: state.falconH1,
  nemotron_h: state.nemotronH,
  plamo2: state.plamo2,
  gear: state.gear,
  recurrent_gemma: state.recurrentGemma,
  rwkv7: state.rwkv7,
  baichuan_m1: state.baichuan,
  afm7: special.afm7,
  nanbeige: special.nanbeige,
  "nemotron-nas": special.nemotronNas,
  openelm: special.openelm,
  dbrx: special.dbrx,
  plamo: special.plamo,
  qwen: special.qwen,
  gpt_bigcode: special.bigcode,
  minimax_m3_vl: special.minimaxM3,
  deepseek_v41: special.deepseekV41,
};

/** Models around a language model of another module, with what they take where its part of the config is silent. */
export const wrappers: Readonly<Record<string, { inner: string; defaults?: Readonly<Record<string, number>> }>> = {
  gemma3: { inner: "gemma3_text", defaults: { num_attention_heads: 8, num_key_value_heads: 4 } },
  gemma4: { inner: "gemma4_text", defaults: { num_attention_heads: 8, num_key_value_heads: 1 } },
  kimi_k25: { inner: "deepseek_v3" },
  kimi_vl: { inner: "deepseek_v3" },
  "lfm2-vl": { inner: "lfm2" },
  pixtral: { inner: "llama", defaults: { num_attention_heads: 32 } },
  qwen2_vl: { inner: "qwen2" },
  qwen3_vl: { inner: "qwen3" },
  qwen3_vl_moe: { inner: "qwen3_moe" },
};

function named(rule: LayerRule, names: string): Record<string, LayerRule> {
  return Object.fromEntries(names.split(" ").map((name) => [name, rule]));
}

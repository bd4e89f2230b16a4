import type { ProfileCluster } from "../../contract/profile-kinds.ts";

/** Other names of an architecture, as mlx-lm maps them. */
const aliases: Readonly<Record<string, string>> = {
  mistral: "llama",
  iquestcoder: "llama",
  xverse: "llama",
  joyai_llm_flash: "deepseek_v3",
  kimi_k2: "deepseek_v3",
  minimax_m2: "minimax",
  deepseek_v41_text: "deepseek_v41",
};

/** Architectures of mlx-lm 0.32.2 that split by layers over hosts. A test reads them from the installed engine. */
export const pipelineModels: ReadonlySet<string> = new Set([
  ...["bailing_hybrid", "deepseek_v2", "deepseek_v3", "deepseek_v32", "deepseek_v41", "glm4_moe", "glm4_moe_lite"],
  ...["minimax_m3_vl", "ministral3", "mistral4", "muse_spark", "qwen2", "qwen3_5", "qwen3_moe", "qwen3_next"],
]);

/** Architectures that split each layer over hosts. */
export const tensorModels: ReadonlySet<string> = new Set([
  ...["deepseek_v2", "deepseek_v3", "deepseek_v32", "deepseek_v41", "exaone_moe", "glm4_moe", "gpt_oss"],
  ...["iquestloopcoder", "kimi_k25", "kimi_k3", "llama", "longcat_flash", "longcat_flash_ngram", "minimax"],
  ...["minimax_m3_vl", "ministral3", "mistral4", "muse_spark", "qwen2", "qwen3", "qwen3_5", "qwen3_moe", "step3p5"],
]);

export interface SplitFacts {
  readonly modelType: string | null;
  readonly heads: number | null;
  readonly keyValueHeads: number | null;
  readonly layers: number | null;
  /** Pipelines read which file holds which layer from it. */
  readonly hasIndex: boolean;
}

/**
 * Why a model cannot be split like this, found before anything is loaded; empty: it can. The engine itself would fail
 * at the load, in words about groups.
 */
export function splitProblems(facts: SplitFacts, mode: ProfileCluster["mode"], ranks: number): string[] {
  const { modelType, heads, keyValueHeads, layers, hasIndex } = facts;
  if (modelType === null) return ["The model's config.json names no model_type, so nobody knows how to split it."];
  const known = mode === "pipeline" ? pipelineModels : tensorModels;
  const other = mode === "pipeline" ? "tensor" : "pipeline";
  if (!known.has(aliases[modelType] ?? modelType)) {
    const canOther = (mode === "pipeline" ? tensorModels : pipelineModels).has(aliases[modelType] ?? modelType);
    const advice = canOther ? `Use the mode "${other}".` : "Serve it from one machine, or choose another model.";
    return [`Models of the type ${modelType} cannot be split by ${mode} parallelism in mlx-lm. ${advice}`];
  }
  const problems: string[] = [];
  if (mode === "pipeline") {
    if (!hasIndex)
      problems.push("The model has no model.safetensors.index.json, which a pipeline reads. Convert it with mlx_lm.");
    if (layers !== null && layers < ranks) problems.push(`The model has ${layers} layers, fewer than ${ranks} hosts.`);
    return problems;
  }
  for (const [name, count] of [
    ["attention heads", heads],
    ["key-value heads", keyValueHeads ?? heads],
  ] as const) {
    if (count !== null && count % ranks !== 0)
      problems.push(
        `Its ${count} ${name} cannot be shared out evenly over ${ranks} hosts. Use another number of hosts.`,
      );
  }
  return problems;
}

/** The part of weights and cache that one host holds at most. */
export function shareOf({ layers }: Pick<SplitFacts, "layers">, mode: ProfileCluster["mode"], ranks: number): number {
  if (mode === "tensor" || layers === null || layers === 0) return 1 / ranks;
  return Math.ceil(layers / ranks) / layers;
}

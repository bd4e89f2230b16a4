import type { HubModel, HubQuery } from "../../contract/hub.ts";

type Asked = Pick<HubQuery, "bits" | "sizeMin" | "sizeMax" | "architecture" | "capability" | "fits">;

/** Model types that belong to a family but do not begin with its name. Names are as people type them. */
const familyMembers: Readonly<Record<string, readonly string[]>> = {
  llama: ["llama4", "llama4_text", "mllama", "smollm3"],
  mistral: ["mistral3", "ministral3", "mixtral", "pixtral"],
  phi: ["phi", "phi3", "phi3small", "phixtral", "phimoe", "phi4mm"],
  gemma: ["gemma", "gemma2", "gemma3", "gemma3_text", "gemma3n", "recurrent_gemma", "paligemma"],
  deepseek: ["kimi_k2"],
  kimi: ["kimi_k2", "kimi_vl", "kimi_linear"],
  granite: ["granitemoe", "granitemoehybrid"],
  gpt: ["gpt_oss", "gpt2", "gpt_neox", "gpt_bigcode"],
  glm: ["chatglm"],
};

/**
 * Whether a model type is what was asked for: the very type, or one of the family of that name (`qwen3` also means
 * `qwen3_moe` and `qwen3_next`, but not `qwen30`).
 */
export function isOfArchitecture(type: string | null, asked: string): boolean {
  if (type === null) return false;
  const [has, wanted] = [normal(type), normal(asked)];
  if (isExactType(wanted)) return has === wanted;
  if (has === wanted || has.startsWith(`${wanted}_`)) return true;
  if ((familyMembers[wanted] ?? []).some((member) => has === member || has.startsWith(`${member}_`))) return true;
  // A family without a number means all its generations: `qwen` is `qwen2` and `qwen3_moe` too.
  return !/\d$/.test(wanted) && new RegExp(`^${wanted.replace(/[.]/g, "\\.")}_?\\d`).test(has);
}

function normal(name: string): string {
  return name.toLowerCase().replaceAll("-", "_");
}

/**
 * Tags by which the Hub itself can narrow the list without losing a model that the filters here would keep. A model
 * type becomes a tag of the same index the filter reads; families, bits and sizes have no such tag: the Hub's `4-bit`
 * is missing on conversions that carry their quantization under MLX's own key alone.
 */
export function hubTags({ architecture }: Asked): readonly string[] {
  return architecture !== undefined && isExactType(normal(architecture)) ? [normal(architecture)] : [];
}

/** Whether nothing but this very type is meant: variants carry a suffix of their own. */
function isExactType(architecture: string): boolean {
  return /_(moe|next|text)$/.test(architecture);
}

/** Whether anything is asked that the Hub's own list cannot answer. */
export function hasFilters(asked: Asked): boolean {
  const { bits, sizeMin, sizeMax, architecture, capability, fits } = asked;
  const given = [sizeMin, sizeMax, architecture, fits].some((value) => value !== undefined);
  return given || bits.length > 0 || capability.length > 0;
}

/** Whether a model passes. What is not known never does: a filter promises. */
export function passes(model: HubModel, asked: Asked): boolean {
  const { bits, sizeMin, sizeMax, architecture, capability, fits } = asked;
  const has = model.quantization?.bits ?? null;
  if (bits.length > 0 && (has === null || !bits.includes(has))) return false;
  if (sizeMin !== undefined && (model.sizeBytes === null || model.sizeBytes < sizeMin)) return false;
  if (sizeMax !== undefined && (model.sizeBytes === null || model.sizeBytes > sizeMax)) return false;
  if (architecture !== undefined && !isOfArchitecture(model.architecture, architecture)) return false;
  if (!capability.every((name) => model.capabilities.includes(name))) return false;
  return fits === undefined || model.fit.fits === fits;
}

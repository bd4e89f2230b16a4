import type { Quantization } from "../../../contract/hub.ts";

export interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
}

export const dtypeBytes: Readonly<Record<string, number>> = {
  ...{ F64: 8, I64: 8, U64: 8, F32: 4, I32: 4, U32: 4, F16: 2, BF16: 2, I16: 2, U16: 2 },
  ...{ I8: 1, U8: 1, BOOL: 1, F8_E4M3: 1, F8_E5M2: 1, F8_E8M0: 1 },
};

const validBits = [2, 3, 4, 5, 6, 8];

/** How other tools pack: how many numbers one stored one stands for, and what only helps to unpack. */
const foreignPacks: Readonly<Record<string, number>> = {
  ...{ qweight: 8, weight_packed: 8 },
  ...{ qzeros: 0, g_idx: 0, weight_scale: 0, weight_scale_inv: 0, weight_shape: 0, weight_zero_point: 0 },
};

/**
 * Counts what the tensors stand for. MLX packs quantized weights into U32 beside `.scales` (and `.biases`), which are
 * not parameters; a module may have bits of its own, read from the shapes.
 * @param config `config.json`, for group sizes and bits.
 */
export function countParameters(
  tensors: ReadonlyMap<string, Tensor>,
  config: Readonly<Record<string, unknown>>,
): number {
  const settings = object(config["quantization"]) ?? object(config["quantization_config"]) ?? {};
  let total = 0;
  for (const [name, tensor] of tensors) {
    const module = name.slice(0, Math.max(0, name.lastIndexOf(".")));
    const scales = tensors.get(`${module}.scales`);
    if (scales && (name.endsWith(".scales") || name.endsWith(".biases"))) continue;
    if (name.endsWith("_scales") && tensors.has(name.replace(/_scales$/, "_blocks"))) continue;
    const stored = tensor.shape.reduce((product, length) => product * length, 1);
    const isPacked = scales !== undefined && name.endsWith(".weight") && tensor.dtype === "U32";
    total += isPacked ? stored * (32 / bitsOf(tensor, scales, module, settings)) : stored * foreignPack(name, tensor);
  }
  return Math.round(total);
}

function foreignPack(name: string, { dtype }: Tensor): number {
  const last = name.slice(name.lastIndexOf(".") + 1);
  const known = foreignPacks[last];
  if (known !== undefined) return known;
  if (last.endsWith("_blocks")) return 2;
  // Bytes as plain weights are four numbers of three values each.
  return dtype === "U8" && last === "weight" ? 4 : 1;
}

/**
 * Bytes of one number as the model computes: what the embedding gives is what all layers work on. Null where the names
 * do not tell.
 */
export function elementBytesOf(tensors: ReadonlyMap<string, Tensor>): number | null {
  const names = [...tensors.keys()].filter((name) => /(?:embed|wte|embeddings)[^/]*\.(?:scales|weight)$/.test(name));
  const scales = names.find((name) => name.endsWith(".scales"));
  const dtype = tensors.get(scales ?? names[0] ?? "")?.dtype;
  if (dtype === "F32") return 4;
  return dtype === "F16" || dtype === "BF16" ? 2 : null;
}

function bitsOf(weight: Tensor, scales: Tensor, module: string, settings: Record<string, unknown>): number {
  const own = object(settings[module]) ?? {};
  const group = numeric(own["group_size"]) ?? numeric(settings["group_size"]) ?? 64;
  const seen = ((weight.shape.at(-1) ?? 0) * 32) / ((scales.shape.at(-1) ?? 1) * group);
  return validBits.includes(seen) ? seen : (numeric(own["bits"]) ?? numeric(settings["bits"]) ?? 4);
}

export interface ListedCounts {
  readonly parameters: Readonly<Record<string, number>>;
  readonly total: number;
}

export interface ListedModel {
  readonly name: string;
  readonly counts: ListedCounts | null;
  readonly quantization: Quantization | null;
  readonly updatedAt: string | null;
  /** Exact weight bytes where the files are known, which settles every doubt. */
  readonly weightBytes: number | null;
}

/** From this day on the Hub writes logical counts for newly read repositories; before it wrote packed ones. */
const logicalSince = "2026-08-01";

/**
 * Parameters and weight bytes from the counts of a Hub listing. They exist in two meanings, both under `U32`: packed
 * words, or what those words stand for (eight times as many at 4 bits). `total` may be anything and is not used.
 */
export function sizeOfListed(model: ListedModel): { parameters: number | null; weightBytes: number | null } {
  const { counts, quantization, weightBytes } = model;
  const words = counts?.parameters["U32"] ?? 0;
  const others = Object.entries(counts?.parameters ?? {}).filter(([dtype]) => dtype !== "U32");
  const otherCount = others.reduce((sum, [, count]) => sum + count, 0);
  const otherBytes = others.reduce((sum, [dtype, count]) => sum + count * (dtypeBytes[dtype] ?? 2), 0);
  if (counts === null || words + otherCount === 0) return { parameters: null, weightBytes };
  if (words === 0) return { parameters: otherCount, weightBytes: weightBytes ?? otherBytes };
  const bits = quantization?.bits ?? 4;
  const scalesPerWeight = isAffine(quantization) ? 2 / (quantization?.groupSize ?? 64) : 1 / 32;
  const unpacked = (words * 32) / bits;
  const scales = unpacked * scalesPerWeight;
  if (isPacked(model, unpacked, otherCount, scales)) {
    const hasScales = otherCount >= scales * 0.8;
    return {
      parameters: Math.round(unpacked + (hasScales ? Math.max(0, otherCount - scales) : otherCount)),
      weightBytes: weightBytes ?? Math.round(words * 4 + otherBytes),
    };
  }
  const overhead = scalesPerWeight * (isAffine(quantization) ? 16 : 8);
  return {
    parameters: words + otherCount,
    weightBytes: weightBytes ?? Math.round((words * (bits + overhead)) / 8 + otherBytes),
  };
}

function isPacked(model: ListedModel, unpacked: number, otherCount: number, scales: number): boolean {
  const words = model.counts?.parameters["U32"] ?? 0;
  if (model.weightBytes !== null) return words * 4 <= model.weightBytes;
  const named = parametersInName(model.name);
  if (named !== null) {
    const distance = (count: number) => Math.abs(Math.log((count + otherCount) / named));
    return distance(unpacked) < distance(words);
  }
  // Scales and biases are listed only beside packed words.
  if (otherCount >= scales * 0.8) return true;
  return model.updatedAt === null || model.updatedAt < logicalSince;
}

/** `Qwen3-30B-A3B` 30e9, `Mixtral-8x7B` 56e9, `SmolLM-135M` 135e6. */
export function parametersInName(name: string): number | null {
  const match = /(?:^|[-_ .])(?:(\d+)x)?(\d+(?:\.\d+)?)([BM])(?=$|[-_ .])/i.exec(name);
  if (!match) return null;
  const [, experts, digits, unit] = match;
  return Number(experts ?? 1) * Number(digits) * (unit?.toUpperCase() === "B" ? 1e9 : 1e6);
}

function isAffine(quantization: Quantization | null): boolean {
  return quantization?.mode === null || quantization?.mode === undefined || quantization.mode === "affine";
}

function object(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

function numeric(value: unknown): number | null {
  return typeof value === "number" && value > 0 ? value : null;
}

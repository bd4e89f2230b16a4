import { conversionModes } from "../../contract/conversions.ts";
import type { ModelConvert } from "../../contract/conversions.ts";
import type { LocatedModel } from "../../library/models/index.ts";

/** One conversion, with nothing left open. */
export interface ConversionPlan {
  /** `local/<name>` */
  readonly target: string;
  readonly name: string;
  readonly parent: { readonly model: string; readonly revision: string };
  readonly options: Omit<ModelConvert, "name" | "groupSize"> & { readonly groupSize: number };
  /** Quantized weights cannot be quantized anew: they are unpacked first. */
  readonly unpacks: boolean;
  /** What the result will take, and what has to be free meanwhile. Estimates. */
  readonly resultBytes: number;
  readonly neededBytes: number;
}

/** Pure. */
export function planConversion(location: LocatedModel, sizeBytes: number, options: ModelConvert): ConversionPlan {
  const { model, revision, weightBytes, facts } = location;
  const { name = nameOf(model, options), ...rest } = options;
  const groupSize = options.groupSize ?? conversionModes[options.mode].usual.groupSize;
  const elementBytes =
    options.dtype === undefined ? (facts.memory?.elementBytes ?? 2) : options.dtype === "float32" ? 4 : 2;
  const unpacks = (facts.quantization?.mode ?? null) !== null;
  // Files without logical counts are taken as they are: two bytes a parameter.
  const parameters = facts.parameters ?? weightBytes / 2;
  const bits = bitsPerWeight({ ...options, groupSize }, elementBytes);
  const others = Math.max(0, sizeBytes - weightBytes);
  const resultBytes = Math.ceil((parameters * bits) / 8 + others + headerBytes);
  return {
    ...{
      target: `local/${name}`,
      name,
      parent: { model, revision },
      options: { ...rest, groupSize },
      unpacks,
      resultBytes,
    },
    neededBytes: resultBytes + (unpacks ? Math.ceil(parameters * elementBytes) + others : 0),
  };
}

/** Heads of the weights, the card, the index. */
const headerBytes = 64 * 1024;

/** With the scales, which each group has beside its weights: a scale and a bias, or one byte in the modes of floats. */
export function bitsPerWeight(
  { mode, bits, recipe, groupSize }: Pick<ModelConvert, "mode" | "bits" | "recipe"> & { readonly groupSize: number },
  elementBytes: number,
): number {
  if (mode !== "affine") return (bits ?? conversionModes[mode].usual.bits) + 8 / groupSize;
  const scales = (2 * 8 * elementBytes) / groupSize;
  if (recipe === undefined) return (bits ?? conversionModes.affine.usual.bits) + scales;
  const [low = 4, high = 6] = recipe.split("_").slice(1).map(Number);
  return low + (high - low) * highShare + scales;
}

/** The share of a model's weights to which the recipes give the higher number of bits. Of Llama 3.1 8B, by hand. */
const highShare = 0.25;

function nameOf(model: string, { mode, bits, recipe }: ModelConvert): string {
  const plain = (model.split("/")[1] ?? model).replace(/[-_.](?:q?[2-8]-?bit|bf16|fp16|fp32|mxfp[48]|nvfp4)$/i, "");
  const kind =
    recipe?.replaceAll("_", "-") ?? (mode === "affine" ? `${bits ?? conversionModes.affine.usual.bits}bit` : mode);
  return `${plain.slice(0, 80)}-${kind}`;
}

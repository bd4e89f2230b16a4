import type { Quantization } from "../../../contract/hub.ts";

type Config = Readonly<Record<string, unknown>>;

/** Names, tags and dates beside the files; all the Hub's lists have. */
export interface Hints {
  readonly name: string;
  readonly tags: readonly string[];
}

const dtypeBits: Record<string, number> = { bf16: 16, fp16: 16, fp32: 32 };
const dtypeNames: Record<string, string> = { bfloat16: "bf16", float16: "fp16", float32: "fp32" };

/** What a mode or a foreign method means where a block names nothing else: what the engine makes of it at loading. */
const knownModes: Readonly<Record<string, { readonly bits: number; readonly groupSize: number | null }>> = {
  mxfp4: { bits: 4, groupSize: 32 },
  mxfp8: { bits: 8, groupSize: 32 },
  nvfp4: { bits: 4, groupSize: 16 },
  awq: { bits: 4, groupSize: 128 },
  gptq: { bits: 4, groupSize: 128 },
  fp8: { bits: 8, groupSize: null },
  bitnet: { bits: 2, groupSize: null },
};

/**
 * Reads `config.json`: MLX writes `quantization` (and a copy), other tools `quantization_config`, some inside
 * `text_config`. What the file does not say is taken from the repository's tags and name.
 */
export function quantizationOf(config: Config | null, hints: Hints): Quantization | null {
  const text = record(config?.["text_config"]);
  const found = [
    config?.["quantization"],
    config?.["quantization_config"],
    text?.["quantization"],
    text?.["quantization_config"],
  ]
    .map(record)
    .find((block) => block !== null && (number(block["bits"]) !== null || string(block["quant_method"]) !== null));
  if (found) return fromBlock(found, hints);
  const guess = guessed(hints);
  if (guess !== null) return guess;
  const dtype = string(config?.["torch_dtype"] ?? config?.["dtype"] ?? text?.["torch_dtype"] ?? text?.["dtype"]);
  return plain(dtype === null ? undefined : dtypeNames[dtype]);
}

/**
 * Bits that a parameter takes in the files, to a hundredth: scales, overrides of single layers and what was left
 * unquantized are all in it, which the nominal bits hide.
 */
export function effectiveBitsOf(weightBytes: number | null, parameters: number | null): number | null {
  if (weightBytes === null || parameters === null || parameters <= 0) return null;
  const bits = (weightBytes * 8) / parameters;
  // Outside of this one of the two numbers is wrong, and a wrong answer is worse than none.
  return bits >= 1 && bits <= 64 ? Math.round(bits * 100) / 100 : null;
}

function fromBlock(block: Config, hints: Hints): Quantization {
  const method = string(block["quant_method"]);
  const packed = packedWeights(block);
  const mode = string(block["mode"]) ?? packed.mode ?? (method === null || method === "affine" ? null : method);
  const known = mode === null ? undefined : knownModes[mode];
  const guess = guessed(hints);
  const bits = number(block["bits"]) ?? packed.bits ?? known?.bits ?? guess?.bits ?? null;
  const groupSize = number(block["group_size"]) ?? packed.groupSize ?? known?.groupSize ?? null;
  // The Hub's index drops the mode, so the name is asked for it.
  const named = mode ?? (guess?.bits === bits ? (guess?.mode ?? null) : null);
  const isPlain = named === null || named === "affine";
  return {
    bits,
    groupSize: groupSize === null ? null : Math.round(groupSize),
    mode: named ?? (bits === null ? null : "affine"),
    effectiveBits: null,
    label: isPlain ? (bits === null ? "quantized" : `${bits}-bit`) : named,
  };
}

/** `compressed-tensors` says it per group of layers, `modelopt` by the name of an algorithm. */
function packedWeights(block: Config): { mode: string | null; bits: number | null; groupSize: number | null } {
  const algorithm = string(block["quant_algo"])?.toLowerCase() ?? null;
  const mode = algorithm !== null && algorithm in knownModes ? algorithm : null;
  const [group] = Object.values(record(block["config_groups"]) ?? {}).map(record);
  const weights = record(group?.["weights"]);
  return { mode, bits: number(weights?.["num_bits"]), groupSize: number(weights?.["group_size"]) };
}

function guessed({ name, tags }: Hints): Quantization | null {
  for (const text of [name, ...tags]) {
    const mode = /(?:^|[-_. ])(mxfp4|mxfp8|nvfp4)(?:$|[-_. ])/i.exec(text)?.[1]?.toLowerCase();
    if (mode !== undefined)
      return { bits: mode === "mxfp8" ? 8 : 4, groupSize: null, mode, effectiveBits: null, label: mode };
    const bits = /(?:^|[-_. ])q?([234568])[-_ ]?bits?(?:$|[-_. ])/i.exec(text)?.[1];
    if (bits !== undefined)
      return { bits: Number(bits), groupSize: null, mode: "affine", effectiveBits: null, label: `${bits}-bit` };
  }
  return plain(/(?:^|[-_. ])(bf16|fp16|fp32)(?:$|[-_. ])/i.exec(name)?.[1]?.toLowerCase());
}

function plain(label: string | undefined): Quantization | null {
  const bits = label === undefined ? undefined : dtypeBits[label];
  if (label === undefined || bits === undefined) return null;
  return { bits, groupSize: null, mode: null, effectiveBits: null, label };
}

function record(value: unknown): Config | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Config) : null;
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value > 0 && value <= 1024 ? value : null;
}

function string(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value.slice(0, 100) : null;
}

import type { Quantization } from "../../contract/hub.ts";

type Config = Readonly<Record<string, unknown>>;

/** Names, tags and dates beside the files; all the Hub's lists have. */
export interface Hints {
  readonly name: string;
  readonly tags: readonly string[];
}

const dtypeBits: Record<string, number> = { bf16: 16, fp16: 16, fp32: 32 };
const dtypeNames: Record<string, string> = { bfloat16: "bf16", float16: "fp16", float32: "fp32" };

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

function fromBlock(block: Config, hints: Hints): Quantization {
  const groupSize = number(block["group_size"]);
  const method = string(block["quant_method"]);
  const mode = string(block["mode"]) ?? (method === null || method === "affine" ? null : method);
  const guess = guessed(hints);
  const bits = number(block["bits"]) ?? guess?.bits ?? null;
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
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : null;
}

function string(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value.slice(0, 100) : null;
}

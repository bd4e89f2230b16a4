import type { ConversionPlan } from "./plan.ts";

export interface ConvertStep {
  readonly phase: "unpacking" | "quantizing";
  /** Words for `mlx_lm`. */
  readonly words: readonly string[];
}

export interface ConvertFolders {
  readonly source: string;
  /** Where quantized weights are unpacked to. */
  readonly unpacked: string;
  readonly result: string;
}

/** The runs of `mlx_lm convert` that make the model. Pure. */
export function convertSteps({ options, unpacks }: ConversionPlan, folders: ConvertFolders): ConvertStep[] {
  const { bits, groupSize, mode, dtype, recipe } = options;
  const convert = (from: string, to: string) => ["convert", "--hf-path", from, "--mlx-path", to];
  const kind = dtype === undefined ? [] : ["--dtype", dtype];
  const unpack: ConvertStep = {
    phase: "unpacking",
    words: [...convert(folders.source, folders.unpacked), "--dequantize", ...kind],
  };
  const quantize: ConvertStep = {
    phase: "quantizing",
    words: [
      ...convert(unpacks ? folders.unpacked : folders.source, folders.result),
      ...["--quantize", "--q-mode", mode, "--q-group-size", String(groupSize)],
      ...(bits === undefined ? [] : ["--q-bits", String(bits)]),
      ...(recipe === undefined ? [] : ["--quant-predicate", recipe]),
      ...kind,
    ],
  };
  return unpacks ? [unpack, quantize] : [quantize];
}

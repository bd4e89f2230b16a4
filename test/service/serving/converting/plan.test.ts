import { describe, expect, test } from "@jest/globals";
import type { ModelConvert } from "../../../../service/src/contract/conversions.ts";
import type { LocatedModel } from "../../../../service/src/library/models/index.ts";
import { convertSteps } from "../../../../service/src/serving/converting/convert-command.ts";
import { bitsPerWeight, planConversion } from "../../../../service/src/serving/converting/plan.ts";

const facts = {
  ...{ architecture: "llama", parameters: 8e9, quantization: null, contextLength: 8192, capabilities: [] },
  ...{ chatTemplate: true, vocabularySize: 1000, hasWeights: true, customCode: false, memory: null },
};
const located = (model: string, quantized = false): LocatedModel => ({
  ...{ model, revision: "abc", path: "/models/x", weightBytes: 16e9 },
  facts: {
    ...facts,
    quantization: quantized ? { bits: 8, groupSize: 64, mode: "affine", effectiveBits: 8.5, label: "8-bit" } : null,
  },
});
const plan = (options: Partial<ModelConvert>, model = "own/Llama-8B-bf16", quantized = false) =>
  planConversion(located(model, quantized), 16.1e9, { mode: "affine", ...options });
const folders = { source: "/models/x", unpacked: "/work-bench/unpacked", result: "/work-bench/result" };

describe("the plan of a conversion", () => {
  test("names the result after what it becomes", () => {
    expect(plan({}).target).toBe("local/Llama-8B-4bit");
    expect(plan({ bits: 6 }, "own/Qwen3-4B-8bit").target).toBe("local/Qwen3-4B-6bit");
    expect(plan({ mode: "mxfp4" }, "own/Phi").target).toBe("local/Phi-mxfp4");
    expect(plan({ recipe: "mixed_3_6" }, "own/Phi").target).toBe("local/Phi-mixed-3-6");
    expect(plan({ name: "mine" }).target).toBe("local/mine");
  });

  test("counts the bits of a weight with the scales of its group, by hand", () => {
    // Two numbers of 16 bits for 64 weights: half a bit. One byte for 32: a quarter.
    expect(bitsPerWeight({ mode: "affine", bits: 4, groupSize: 64 }, 2)).toBe(4.5);
    expect(bitsPerWeight({ mode: "affine", bits: 8, groupSize: 32 }, 4)).toBe(10);
    expect(bitsPerWeight({ mode: "mxfp4", groupSize: 32 }, 2)).toBe(4.25);
    expect(bitsPerWeight({ mode: "nvfp4", groupSize: 16 }, 2)).toBe(4.5);
    expect(bitsPerWeight({ mode: "mxfp8", groupSize: 32 }, 2)).toBe(8.25);
    expect(bitsPerWeight({ mode: "affine", recipe: "mixed_2_6", groupSize: 64 }, 2)).toBe(3.5);
  });

  test("needs room for the result, and for the unpacked weights of a quantized model besides", () => {
    const { resultBytes, neededBytes } = plan({ bits: 4 });
    expect(resultBytes / 4.6e9).toBeCloseTo(1, 2);
    expect(neededBytes).toBe(resultBytes);
    const again = plan({ bits: 4 }, "own/x", true);
    expect(again.neededBytes - again.resultBytes).toBe(16e9 + 0.1e9);
  });
});

describe("the runs of mlx_lm", () => {
  test("are one for plain weights", () => {
    expect(convertSteps(plan({ bits: 4, groupSize: 32, dtype: "float32" }), folders)).toEqual([
      {
        phase: "quantizing",
        words: [
          ...["convert", "--hf-path", "/models/x", "--mlx-path", "/work-bench/result", "--quantize"],
          ...["--q-mode", "affine", "--q-group-size", "32", "--q-bits", "4", "--dtype", "float32"],
        ],
      },
    ]);
  });

  test("unpack quantized ones first, and leave the bits to a recipe", () => {
    const [unpack, quantize] = convertSteps(plan({ recipe: "mixed_4_6" }, "own/x", true), folders);
    expect(unpack?.words).toEqual([
      "convert",
      "--hf-path",
      "/models/x",
      "--mlx-path",
      "/work-bench/unpacked",
      "--dequantize",
    ]);
    expect(quantize?.words.join(" ")).toBe(
      "convert --hf-path /work-bench/unpacked --mlx-path /work-bench/result --quantize --q-mode affine --q-group-size 64 --quant-predicate mixed_4_6",
    );
  });
});

import { statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import type { Capability } from "../../../../service/src/contract/hub.ts";
import { supportOf } from "../../../../service/src/library/models/facts/architectures.ts";
import { capabilitiesOf } from "../../../../service/src/library/models/facts/capabilities.ts";
import type { CapabilitySignals } from "../../../../service/src/library/models/facts/capabilities.ts";
import { contextLengthOf } from "../../../../service/src/library/models/facts/config-facts.ts";
import { fitOf } from "../../../../service/src/library/models/memory/fit.ts";
import { countParameters, elementBytesOf } from "../../../../service/src/library/models/facts/parameters.ts";
import { effectiveBitsOf, quantizationOf } from "../../../../service/src/library/models/facts/quantization.ts";
import { isWeightFile, readFacts } from "../../../../service/src/library/models/facts/read-facts.ts";
import { safetensors } from "../../../fixtures/safetensors-file.ts";
import type { Tensor } from "../../../fixtures/safetensors-file.ts";
import { temporaryFolder } from "../../../tools/temporary-folder.ts";

const plain = { name: "Some-Model", tags: [] };
const none: CapabilitySignals = {
  ...{ config: null, tags: [], pipelineTag: null, chatTemplate: null, hasToken: null, files: [] },
};

describe("effective bits", () => {
  test("of plain 4-bit with groups of 64 are 4.5: a scale and a bias of 2 bytes for each group", () => {
    expect(effectiveBitsOf(4.5e9, 8e9)).toBe(4.5);
  });

  test.each([
    [null, 8e9],
    [4.5e9, null],
    [4.5e9, 0],
    [1e6, 8e9],
    [800e9, 8e9],
  ])("of %d bytes and %d parameters are unknown rather than absurd", (bytes, parameters) => {
    expect(effectiveBitsOf(bytes, parameters)).toBeNull();
  });
});

describe("quantization of other tools", () => {
  const group = { weights: { num_bits: 4, group_size: 32, type: "int" } };
  test.each([
    [{ quant_method: "awq", bits: 4, group_size: 128 }, "awq", 4, 128],
    [{ quant_method: "gptq", bits: 4 }, "gptq", 4, 128],
    [{ quant_method: "mxfp8" }, "mxfp8", 8, 32],
    [{ quant_method: "fp8", weight_block_size: [128, 128] }, "fp8", 8, null],
    [{ quant_method: "bitnet" }, "bitnet", 2, null],
    [{ quant_method: "modelopt", quant_algo: "NVFP4" }, "nvfp4", 4, 16],
    [{ quant_method: "compressed-tensors", config_groups: { group_0: group } }, "compressed-tensors", 4, 32],
    [{ bits: 4, group_size: 16, mode: "nvfp4" }, "nvfp4", 4, 16],
  ])("%j is %s", (block, mode, bits, groupSize) => {
    expect(quantizationOf({ quantization_config: block }, plain)).toMatchObject({ mode, bits, groupSize });
  });

  test("single layers with settings of their own do not hide those of all", () => {
    const quantization = { group_size: 64, bits: 4, "model.layers.0.mlp.down_proj": { group_size: 32, bits: 8 } };
    const withGate = { ...quantization, "model.layers.0.mlp.gate": false };
    expect(quantizationOf({ quantization: withGate }, plain)).toMatchObject({ bits: 4, groupSize: 64, mode: "affine" });
  });
});

describe("parameters of other tools' files", () => {
  test.each<[string, [string, string, number[]][], number]>([
    [
      "AWQ",
      [
        ["a.qweight", "I32", [64, 8]],
        ["a.scales", "F16", [1, 64]],
        ["a.qzeros", "I32", [1, 8]],
      ],
      64 * 64,
    ],
    [
      "gpt-oss as published",
      [
        ["x.gate_up_proj_blocks", "U8", [2, 10, 3, 16]],
        ["x.gate_up_proj_scales", "U8", [2, 10, 3]],
      ],
      2 * 10 * 3 * 32,
    ],
    [
      "fp8 with scales of blocks",
      [
        ["a.weight", "F8_E4M3", [128, 128]],
        ["a.weight_scale_inv", "F32", [1, 1]],
      ],
      128 * 128,
    ],
    ["BitNet", [["a.weight", "U8", [16, 64]]], 64 * 64],
  ])("%s", (_, tensors, expected) => {
    const map = new Map(tensors.map(([name, dtype, shape]) => [name, { dtype, shape }]));
    expect(countParameters(map, {})).toBe(expected);
  });

  test.each([
    ["model.embed_tokens.scales", "F32", 4],
    ["model.embed_tokens.weight", "BF16", 2],
    ["transformer.wte.weight", "F16", 2],
    ["language_model.model.embed_tokens.weight", "F32", 4],
    ["model.layers.0.mlp.down_proj.weight", "F32", null],
  ])("%s in %s computes with %d bytes", (name, dtype, bytes) => {
    expect(elementBytesOf(new Map([[name, { dtype, shape: [4, 4] }]]))).toBe(bytes);
  });
});

describe("the context", () => {
  const yarn = { type: "yarn", factor: 4, original_max_position_embeddings: 32_768 };
  test.each<[string, Record<string, unknown>, number | null]>([
    ["as trained", { max_position_embeddings: 40_960 }, 40_960],
    ["stretched beyond what the config names", { max_position_embeddings: 32_768, rope_scaling: yarn }, 131_072],
    ["named with the stretch in it", { max_position_embeddings: 131_072, rope_scaling: yarn }, 131_072],
    [
      "with a factor alone, which may be in it",
      { max_position_embeddings: 16_384, rope_scaling: { factor: 4 } },
      16_384,
    ],
    ["in the newer form", { max_position_embeddings: 32_768, rope_parameters: yarn }, 131_072],
    [
      "by the kind of layer",
      { max_position_embeddings: 32_768, rope_parameters: { full_attention: yarn, sliding_attention: {} } },
      131_072,
    ],
    ["of the text model", { text_config: { max_position_embeddings: 8192 }, max_position_embeddings: 77 }, 8192],
    ["under an older name", { n_positions: 1024 }, 1024],
    [
      "left to the family",
      { model_type: "gemma3", text_config: { hidden_size: 2560, num_hidden_layers: 34 } },
      131_072,
    ],
    ["of an excerpt, which leaves nothing to the family", { model_type: "gemma3" }, null],
  ])("%s", (_, config, expected) => {
    expect(contextLengthOf(config, { model_max_length: 1e30 })).toBe(expected);
  });
});

describe("capabilities by what the engine can read back", () => {
  const tools = (chatTemplate: string, hasToken: CapabilitySignals["hasToken"] = null) =>
    capabilitiesOf({ ...none, chatTemplate, hasToken }).includes("tools");

  test.each([
    ["<|tool_call_start|>[f()]"],
    ['<function name="f"><param name="x">'],
    ["<atem:function_calls>"],
    ["<|tool_calls_section_begin|>"],
    ["<arg_key>"],
  ])("%s means tools", (template) => expect(tools(template)).toBe(true));

  test("tokens for calls mean tools also where the template does not name them", () => {
    const has = (token: string) => ["<|tool_call_start|>", "<|tool_call_end|>"].includes(token);
    expect([tools("{{ messages }}", has), tools("{{ messages }}", () => false)]).toEqual([true, false]);
  });

  test("half a pair of tokens is no thinking", () => {
    const hasToken = (token: string) => token === "<longcat_think>";
    expect(capabilitiesOf({ ...none, hasToken })).toEqual([]);
  });

  test("a preprocessor means pictures, unless the model hears", () => {
    const files = ["preprocessor_config.json"];
    expect(capabilitiesOf({ ...none, files })).toEqual(["vision"]);
    expect(capabilitiesOf({ ...none, files, pipelineTag: "automatic-speech-recognition" })).toEqual(["audio"]);
  });

  test.each([
    [{ tags: ["sentence-transformers"] }],
    [{ files: ["config_sentence_transformers.json"] }],
    [{ pipelineTag: "feature-extraction" }],
  ])("%j means embeddings", (signals) => {
    expect(capabilitiesOf({ ...none, ...signals })).toEqual(["embeddings"]);
  });
});

describe("support by our engines", () => {
  test.each([
    ["llama", true],
    ["mistral", true],
    ["kimi_k2", true],
    ["qwen2_5_vl", true],
    ["lfm2-vl", true],
    ["bert", false],
    ["whisper", false],
    ["olmo", false],
    [null, null],
    ["LlamaForCausalLM", null],
  ])("%s: %s", (architecture, supported) => {
    expect(supportOf(architecture)).toEqual({ supported, engines: supported === true ? ["mlx-lm"] : [] });
  });

  test.each<[string, Capability[], string[]]>([
    ["qwen2_vl", ["chat", "vision"], ["mlx-vlm", "mlx-lm"]],
    ["qwen2_5_vl", ["chat", "vision"], ["mlx-vlm", "mlx-lm"]],
    ["lfm2-vl", ["chat", "vision"], ["mlx-vlm", "mlx-lm"]],
    ["gemma3n", ["chat", "vision", "audio"], ["mlx-vlm", "mlx-lm"]],
    ["llama", ["chat"], ["mlx-lm"]],
    ["llada2_moe", ["chat"], ["mlx-vlm"]],
    ["bert", ["embeddings"], ["mlx-openai-server"]],
    ["whisper", ["audio"], ["mlx-openai-server"]],
    ["unheard_of", ["chat", "vision"], []],
  ])("%s that can %j runs on %j", (architecture, capabilities, engines) => {
    expect(supportOf(architecture, false, capabilities)).toEqual({ supported: engines.length > 0, engines });
  });

  test("a model that brings code of its own runs on none", () => {
    expect(supportOf("llama", true)).toEqual({ supported: false, engines: [] });
  });
});

describe("facts of a folder", () => {
  const folder = temporaryFolder();

  /** Two layers of 4 and 8 bits, in groups of 64, and an embedding that is not quantized. */
  const tensors: Tensor[] = [
    { name: "model.embed_tokens.weight", dtype: "BF16", shape: [512, 64] },
    { name: "model.layers.0.q_proj.weight", dtype: "U32", shape: [256, 32] },
    { name: "model.layers.0.q_proj.scales", dtype: "BF16", shape: [256, 4] },
    { name: "model.layers.0.q_proj.biases", dtype: "BF16", shape: [256, 4] },
    { name: "model.layers.1.q_proj.weight", dtype: "U32", shape: [256, 64] },
    { name: "model.layers.1.q_proj.scales", dtype: "BF16", shape: [256, 4] },
    { name: "model.layers.1.q_proj.biases", dtype: "BF16", shape: [256, 4] },
  ];

  async function facts(config: Record<string, unknown>) {
    const weights = safetensors(1, tensors);
    await writeFile(folder.in("model.safetensors"), weights);
    await writeFile(folder.in("config.json"), JSON.stringify(config));
    const files = [
      { path: "model.safetensors", sizeBytes: weights.length, blobId: null },
      { path: "consolidated.safetensors", sizeBytes: 1e9, blobId: null },
      { path: "config.json", sizeBytes: 1, blobId: null },
    ];
    return { ...(await readFacts("a/b", folder.in(), files)), bytes: weights.length };
  }

  test("come from the heads of the weights: overrides of single layers are in the effective bits", async () => {
    const own = { group_size: 64, bits: 8 };
    const read = await facts({
      ...{ model_type: "llama", num_hidden_layers: 2, hidden_size: 64, num_attention_heads: 4 },
      quantization: { group_size: 64, bits: 4, "model.layers.1.q_proj": own },
      torch_dtype: "float32",
    });
    // 512 x 64 of the embedding, 256 x 256 in each layer.
    expect(read.parameters).toBe(512 * 64 + 2 * 256 * 256);
    // 16 bits for the first, (4 + 0.5) and (8 + 0.5) for the others: (32 768 x 16 + 65 536 x 13) / 163 840 = 8.4, and
    // what the head of the file takes.
    expect(read.quantization?.bits).toBe(4);
    expect(read.quantization?.effectiveBits).toBe(Math.round((read.bytes * 800) / 163_840) / 100);
    // The weights are bfloat16, whatever the config says.
    expect(read.memory).toMatchObject({ basis: "architecture", elementBytes: 2 });
  });

  test("count only weights that the engine loads", () => {
    expect(isWeightFile("model-00001-of-00002.safetensors")).toBe(true);
    expect(["consolidated.safetensors", "adapters.safetensors", "original/model.safetensors"].some(isWeightFile)).toBe(
      false,
    );
  });
});

test("the demo model's facts and the memory predicted for it, as measured: 190 MB at its peak", async () => {
  const path = fileURLToPath(new URL("../../../../service/demo-model/model", import.meta.url));
  const sizeBytes = statSync(join(path, "model.safetensors")).size;
  const facts = await readFacts("mlx-manager/demo", path, [{ path: "model.safetensors", sizeBytes, blobId: null }]);
  expect(facts).toMatchObject({ architecture: "llama", contextLength: 2048, memory: { elementBytes: 4 } });
  const fit = fitOf(facts.memory, { weightBytes: sizeBytes, contextTokens: 8192, limitBytes: 8e9, modelContext: 2048 });
  // 4 layers x 2 x 4 heads x 32 x 4 bytes x 2048.
  expect(fit).toMatchObject({ verdict: "easy", contextTokens: 2048, kvBytes: 8_388_608, largestContext: 2048 });
  // docs/fit.md: 84 to 90 MB without a prompt, 190 MB while one of 2,033 tokens is read.
  expect((fit.neededBytes ?? 0) / 190e6).toBeCloseTo(1.2, 1);
});

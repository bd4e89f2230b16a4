import { describe, expect, test } from "@jest/globals";
import { capabilitiesOf } from "../../../../service/src/library/models/facts/capabilities.ts";
import type { CapabilitySignals } from "../../../../service/src/library/models/facts/capabilities.ts";
import { chatTemplateOf, contextLengthOf } from "../../../../service/src/library/models/facts/config-facts.ts";
import {
  countParameters,
  parametersInName,
  sizeOfListed,
} from "../../../../service/src/library/models/facts/parameters.ts";
import { quantizationOf } from "../../../../service/src/library/models/facts/quantization.ts";

describe("quantization", () => {
  const plain = { name: "Some-Model", tags: [] };

  test.each([
    [{ quantization: { group_size: 64, bits: 4 } }, plain, "4-bit", 4, 64],
    [{ quantization: { group_size: 32, bits: 4, mode: "mxfp4" } }, plain, "mxfp4", 4, 32],
    [{ quantization_config: { bits: 8 } }, plain, "8-bit", 8, null],
    [{ quantization_config: { bits: 4 } }, { name: "gpt-oss-20b-mxfp4", tags: [] }, "mxfp4", 4, null],
    [{ quantization_config: { quant_method: "mxfp4" } }, plain, "mxfp4", 4, 32],
    [{ text_config: { quantization: { group_size: 64, bits: 6 } } }, plain, "6-bit", 6, 64],
    [{ torch_dtype: "bfloat16" }, plain, "bf16", 16, null],
    [{ text_config: { dtype: "float16" } }, plain, "fp16", 16, null],
    [{}, { name: "Qwen3-4B-4bit", tags: [] }, "4-bit", 4, null],
    [{}, { name: "Qwen3-4B-4bit-DWQ", tags: [] }, "4-bit", 4, null],
    [null, { name: "Qwen3-4B", tags: ["8-bit"] }, "8-bit", 8, null],
    [null, { name: "Qwen3-4B-bf16", tags: [] }, "bf16", 16, null],
  ])("%j of %j reads %s", (config, hints, label, bits, groupSize) => {
    expect(quantizationOf(config as Record<string, unknown> | null, hints)).toMatchObject({ label, bits, groupSize });
  });

  test("nothing known is null", () => {
    expect(quantizationOf({}, plain)).toBeNull();
  });
});

describe("parameters", () => {
  test("packed words count as what they stand for, module by module", () => {
    const tensors = new Map([
      ["a.weight", { dtype: "U32", shape: [64, 8] }],
      ["a.scales", { dtype: "BF16", shape: [64, 1] }],
      ["a.biases", { dtype: "BF16", shape: [64, 1] }],
      ["b.weight", { dtype: "U32", shape: [64, 16] }],
      ["b.scales", { dtype: "BF16", shape: [64, 1] }],
      ["c.weight", { dtype: "U32", shape: [10, 16] }],
      ["c.scales", { dtype: "U8", shape: [10, 4] }],
      ["norm.weight", { dtype: "BF16", shape: [64] }],
      ["conv.biases", { dtype: "BF16", shape: [3] }],
    ]);
    const config = { quantization: { group_size: 64, bits: 4, c: { group_size: 32, bits: 4 } } };
    expect(countParameters(tensors, config)).toBe(64 * 64 + 64 * 64 + 10 * 128 + 64 + 3);
  });

  const four = { bits: 4, groupSize: 64, mode: "affine", effectiveBits: null, label: "4-bit" };
  const listed = (name: string, counts: Record<string, number>, more: object = {}) =>
    sizeOfListed({
      ...{ name, quantization: four, updatedAt: "2026-09-01T00:00:00.000Z", weightBytes: null, ...more },
      counts: { parameters: counts, total: 1 },
    });

  test("both meanings of the Hub's counts come to the same model", () => {
    const packed = listed("Qwen3-8B-4bit", { U32: 1.024e9, BF16: 0.256e9 });
    const logical = listed("Qwen3-8B-4bit", { U32: 8.19e9, BF16: 4e5 });
    expect((packed.parameters ?? 0) / 8.19e9).toBeCloseTo(1, 1);
    expect((logical.parameters ?? 0) / 8.19e9).toBeCloseTo(1, 1);
    expect((packed.weightBytes ?? 0) / 4.6e9).toBeCloseTo(1, 1);
    expect((logical.weightBytes ?? 0) / 4.6e9).toBeCloseTo(1, 1);
  });

  test("without a size in the name the scales decide, then the day", () => {
    expect(listed("mini-4bit", { U32: 480e6, BF16: 120e6 }).parameters).toBeCloseTo(3.84e9, -8);
    expect(listed("mini-4bit", { U32: 3.84e9, BF16: 1e5 }).parameters).toBe(3.84e9 + 1e5);
    expect(listed("mini-4bit", { U32: 480e6, BF16: 1e5 }, { updatedAt: "2026-03-01T00:00:00.000Z" }).parameters).toBe(
      8 * 480e6 + 1e5,
    );
  });

  test("known file sizes settle every doubt", () => {
    expect(listed("x-1B", { U32: 8e9 }, { weightBytes: 4.5e9 })).toEqual({ parameters: 8e9, weightBytes: 4.5e9 });
    expect(listed("x-1B", { U32: 1e9, BF16: 0.25e9 }, { weightBytes: 4.5e9 }).parameters).toBeCloseTo(8e9, -7);
  });

  test("unquantized counts are counts; no counts are unknown", () => {
    expect(listed("x", { BF16: 3e9 }, { quantization: null })).toEqual({ parameters: 3e9, weightBytes: 6e9 });
    expect(sizeOfListed({ name: "x", counts: null, quantization: null, updatedAt: null, weightBytes: null })).toEqual({
      parameters: null,
      weightBytes: null,
    });
  });

  test.each([
    ["Qwen3-30B-A3B-4bit", 30e9],
    ["Mixtral-8x7B-v0.1", 56e9],
    ["SmolLM-135M-4bit", 135e6],
    ["Qwen2.5-0.5B", 0.5e9],
    ["Phi-4-mini-8bit", null],
  ])("the name %s says %s", (name, expected) => {
    expect(parametersInName(name)).toBe(expected);
  });
});

describe("capabilities", () => {
  const none: CapabilitySignals = {
    config: null,
    tags: [],
    pipelineTag: null,
    chatTemplate: null,
    hasToken: null,
    files: [],
  };

  test.each<[string, Partial<CapabilitySignals>, string[]]>([
    ["nothing", {}, []],
    ["a tag", { tags: ["conversational"] }, ["chat"]],
    ["a template", { chatTemplate: "{{ x }}" }, ["chat"]],
    ["tool calls as JSON", { chatTemplate: "<tool_call>{{ tool_call.name }}" }, ["chat", "tools"]],
    ["half of a pair of marks", { chatTemplate: "<tool_call>" }, ["chat"]],
    ["Mistral's tools", { chatTemplate: "[TOOL_CALLS]" }, ["chat", "tools"]],
    ["thinking in the vocabulary", { hasToken: (token) => token.includes("think>") }, ["thinking"]],
    ["thinking in the template alone", { chatTemplate: "<think></think>" }, ["chat", "thinking"]],
    ["a template that only strips thinking", { chatTemplate: "<think></think>", hasToken: () => false }, ["chat"]],
    ["vision", { config: { vision_config: {} } }, ["vision"]],
    ["omni", { config: { vision_config: {}, audio_config: {} } }, ["vision", "audio"]],
    ["a picture task", { pipelineTag: "image-text-to-text" }, ["vision"]],
    ["speech", { tags: ["text-to-speech"] }, ["audio"]],
    ["embeddings", { files: ["1_Pooling/config.json"] }, ["embeddings"]],
  ])("%s", (_, signals, expected) => {
    expect(capabilitiesOf({ ...none, ...signals })).toEqual(expected);
  });

  test("the context is the text model's own; a tokenizer's absurd number is none", () => {
    expect(contextLengthOf({ max_position_embeddings: 1, text_config: { max_position_embeddings: 2 } }, null)).toBe(2);
    expect(contextLengthOf({}, { model_max_length: 4096 })).toBe(4096);
    expect(contextLengthOf({}, { model_max_length: 1e30 })).toBeNull();
  });

  test("of several named templates the default counts", () => {
    const named = [
      { name: "tool_use", template: "a" },
      { name: "default", template: "b" },
    ];
    expect(chatTemplateOf({ chat_template: named })).toBe("b");
    expect(chatTemplateOf({ chat_template: "c" })).toBe("c");
    expect(chatTemplateOf({ chat_template: [] })).toBeNull();
  });
});

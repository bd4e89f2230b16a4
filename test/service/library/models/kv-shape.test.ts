import { describe, expect, test } from "@jest/globals";
import { kvBytesOf, windowSlackBytes } from "../../../../service/src/library/models/memory/kv-bytes.ts";
import type { KvBits } from "../../../../service/src/library/models/memory/kv-bytes.ts";
import { memoryShapeOf } from "../../../../service/src/library/models/memory/kv-shape.ts";

type Config = Readonly<Record<string, unknown>>;

function shapeOf(config: Config) {
  const shape = memoryShapeOf(config);
  if (shape === null) throw new Error("The config says too little.");
  return shape;
}

const bytesAt = (config: Config, tokens: number, kvBits: KvBits = null) => kvBytesOf(shapeOf(config), tokens, kvBits);

const llama8B = {
  ...{ model_type: "llama", num_hidden_layers: 32, hidden_size: 4096, num_attention_heads: 32 },
  ...{ num_key_value_heads: 8, intermediate_size: 14_336, max_position_embeddings: 131_072, torch_dtype: "bfloat16" },
};
const llama2 = { ...llama8B, num_key_value_heads: 32, intermediate_size: 11_008 };
const deepseekV3 = {
  ...{ model_type: "deepseek_v3", num_hidden_layers: 61, hidden_size: 7168, num_attention_heads: 128 },
  ...{ num_key_value_heads: 128, kv_lora_rank: 512, qk_rope_head_dim: 64, qk_nope_head_dim: 128, v_head_dim: 128 },
};
const deepseekV2Lite = { ...deepseekV3, model_type: "deepseek_v2", num_hidden_layers: 27, num_attention_heads: 16 };
const gemma27B = {
  model_type: "gemma3",
  text_config: {
    ...{ model_type: "gemma3_text", num_hidden_layers: 62, hidden_size: 5376, head_dim: 128 },
    ...{ num_attention_heads: 32, num_key_value_heads: 16, sliding_window: 1024 },
  },
  vision_config: { hidden_size: 1152, num_hidden_layers: 27, num_attention_heads: 16 },
};
/** The published one says no more than this: heads and pattern are the engine's defaults. */
const gemma4B = {
  model_type: "gemma3",
  text_config: { model_type: "gemma3_text", hidden_size: 2560, num_hidden_layers: 34, sliding_window: 1024 },
};
const sliding = "sliding_attention";
const full = "full_attention";
const gptOss20B = {
  ...{ model_type: "gpt_oss", num_hidden_layers: 24, hidden_size: 2880, num_attention_heads: 64 },
  ...{ num_key_value_heads: 8, head_dim: 64, sliding_window: 128 },
  layer_types: Array.from({ length: 24 }, (_, index) => (index % 2 === 0 ? sliding : full)),
};
const qwen3Next = {
  ...{ model_type: "qwen3_next", num_hidden_layers: 48, hidden_size: 2048, num_attention_heads: 16 },
  ...{ num_key_value_heads: 2, head_dim: 256, full_attention_interval: 4, linear_conv_kernel_dim: 4 },
  ...{ linear_num_key_heads: 16, linear_num_value_heads: 32, linear_key_head_dim: 128, linear_value_head_dim: 128 },
};
const codestralMamba = {
  ...{ model_type: "mamba2", num_hidden_layers: 64, hidden_size: 4096, num_heads: 128, head_dim: 64 },
  ...{ state_size: 128, n_groups: 8, conv_kernel: 4 },
};
const qwen3Moe = {
  ...{ model_type: "qwen3_moe", num_hidden_layers: 48, hidden_size: 2048, num_attention_heads: 32 },
  ...{ num_key_value_heads: 4, head_dim: 128, moe_intermediate_size: 768, num_experts: 128, num_experts_per_tok: 8 },
};
const gemma3n = {
  model_type: "gemma3n",
  text_config: {
    ...{ model_type: "gemma3n_text", num_hidden_layers: 35, hidden_size: 2048, num_attention_heads: 8 },
    ...{ num_key_value_heads: 2, head_dim: 256, num_kv_shared_layers: 15, sliding_window: 512 },
    layer_types: Array.from({ length: 35 }, (_, index) => (index % 5 === 4 ? full : sliding)),
  },
};
const graniteHybrid = {
  ...{ model_type: "granitemoehybrid", num_hidden_layers: 40, hidden_size: 1536, num_attention_heads: 12 },
  ...{ num_key_value_heads: 4, mamba_n_heads: 48, mamba_d_head: 64, mamba_d_state: 128, mamba_n_groups: 1 },
  mamba_d_conv: 4,
  layer_types: Array.from({ length: 40 }, (_, index) => (index % 10 === 5 ? "attention" : "mamba")),
};
const kimiLinear = {
  ...{ model_type: "kimi_linear", num_hidden_layers: 27, hidden_size: 2304, num_attention_heads: 32, head_dim: 72 },
  ...{ kv_lora_rank: 512, qk_rope_head_dim: 64, qk_nope_head_dim: 128, v_head_dim: 128 },
  linear_attn_config: {
    ...{ num_heads: 32, head_dim: 128, short_conv_kernel_size: 4 },
    kda_layers: [1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23, 25, 26],
  },
};

describe("caches, computed by hand from what the models publish", () => {
  test("grouped heads: Llama 3.1 8B", () => {
    // 2 (keys and values) x 8 heads x 128 wide x 2 bytes x 32 layers = 131 072 bytes per token; x 8192.
    expect(bytesAt(llama8B, 8192)).toBe(131_072 * 8192);
  });

  test("a head of its own for each query: Llama 2 7B", () => {
    // 2 x 32 x 128 x 2 x 32 = 524 288 bytes per token; x 4096 = 2 GiB.
    expect(bytesAt(llama2, 4096)).toBe(2 * 1024 ** 3);
  });

  test("a latent for all heads: DeepSeek V3", () => {
    // (512 + 64) x 2 bytes x 61 layers = 70 272 bytes per token; x 8192 = 575 668 224.
    expect(bytesAt(deepseekV3, 8192)).toBe(575_668_224);
  });

  test("a latent that the engine unfolds before it caches: DeepSeek V2 Lite", () => {
    // 16 heads x (128 + 64 for keys, 128 for values) x 2 bytes x 27 layers = 276 480 bytes per token; x 4096.
    expect(bytesAt(deepseekV2Lite, 4096)).toBe(276_480 * 4096);
  });

  test("sliding windows with every sixth layer full: Gemma 3 27B, inside its text_config", () => {
    // Layers 6, 12 ... 60 of 62 are full: 10. A layer takes 2 x 16 x 128 x 2 = 8192 bytes per token.
    // 10 x 32 768 x 8192 + 52 x 1024 x 8192 = 2 684 354 560 + 436 207 616.
    expect(bytesAt(gemma27B, 32_768)).toBe(3_120_562_176);
  });

  test("a text_config that leaves heads and pattern to the engine: Gemma 3 4B", () => {
    // The engine takes 4 key heads of 256: 2 x 4 x 256 x 2 = 4096 bytes. 5 of 34 layers are full.
    // 5 x 8192 x 4096 + 29 x 1024 x 4096 = 167 772 160 + 121 634 816.
    expect(bytesAt(gemma4B, 8192)).toBe(289_406_976);
  });

  test("windows by layer_types: gpt-oss 20B", () => {
    // 2 x 8 x 64 x 2 = 2048 bytes; 12 layers keep 131 072 tokens, 12 keep 128.
    // 12 x 131 072 x 2048 + 12 x 128 x 2048 = 3 221 225 472 + 3 145 728.
    expect(bytesAt(gptOss20B, 131_072)).toBe(3_224_371_200);
  });

  test("recurrent layers with attention in between: Qwen3 Next 80B", () => {
    // 12 of 48 attend: 2 x 2 x 256 x 2 = 2048 bytes per token. The other 36 keep, whatever the context is,
    // 3 inputs of the convolution x (2 x 16 x 128 + 32 x 128 channels) x 2 bytes = 49 152 and a state in float32 of
    // 32 x 128 x 128 x 4 = 2 097 152. At 32 768: 12 x 32 768 x 2048 + 36 x 2 146 304 = 805 306 368 + 77 266 944.
    expect(bytesAt(qwen3Next, 32_768)).toBe(882_573_312);
  });

  test("only state: Codestral Mamba 7B takes the same at any context", () => {
    // 3 x (128 x 64 + 2 x 8 x 128) x 2 = 61 440 and 128 x 64 x 128 x 4 = 4 194 304, in each of 64 layers.
    expect(bytesAt(codestralMamba, 256)).toBe(272_367_616);
    expect(bytesAt(codestralMamba, 262_144)).toBe(272_367_616);
  });

  test("few attention layers among many of state: Granite 4.0 H", () => {
    // 4 attend: 2 x 4 x 128 x 2 = 2048 per token. 36 keep 3 x (48 x 64 + 2 x 128) x 2 = 19 968 and
    // 48 x 64 x 128 x 4 = 1 572 864. At 16 384: 4 x 16 384 x 2048 + 36 x 1 592 832 = 134 217 728 + 57 341 952.
    expect(bytesAt(graniteHybrid, 16_384)).toBe(191_559_680);
  });

  test("state and latents: Kimi Linear 48B", () => {
    // 7 of 27 keep (512 + 64) x 2 = 1152 bytes per token. 20 keep 3 x 3 x 32 x 128 x 2 = 73 728 and
    // 32 x 128 x 128 x 4 = 2 097 152. At 65 536: 7 x 65 536 x 1152 + 20 x 2 170 880 = 528 482 304 + 43 417 600.
    expect(bytesAt(kimiLinear, 65_536)).toBe(571_899_904);
  });

  test("a mixture of experts caches like any other: Qwen3 30B A3B", () => {
    // 2 x 4 x 128 x 2 x 48 = 98 304 bytes per token; x 32 768 = 3 GiB.
    expect(bytesAt(qwen3Moe, 32_768)).toBe(3 * 1024 ** 3);
  });

  test("layers that share what earlier ones cached: Gemma 3n E4B", () => {
    // The last 15 of 35 keep nothing. Of the first 20, layers 5, 10, 15 and 20 are full: 2 x 2 x 256 x 2 = 2048 bytes.
    // 4 x 32 768 x 2048 + 16 x 512 x 2048 = 268 435 456 + 16 777 216.
    expect(bytesAt(gemma3n, 32_768)).toBe(285_212_672);
  });

  test("a cache of 8 bits: a byte for each number, and 2 x 2 bytes for each 64", () => {
    // 128 x 1 + 2 x 2 x 2 = 136 bytes for a head, against 256. 2 x 8 x 136 x 32 = 69 632 per token; x 8192.
    expect(bytesAt(llama8B, 8192, 8)).toBe(69_632 * 8192);
  });

  test("a cache of 4 bits", () => {
    // 128 / 2 + 2 x 2 x 2 = 72 bytes for a head. 2 x 8 x 72 x 32 = 36 864 per token; x 8192.
    expect(bytesAt(llama8B, 8192, 4)).toBe(36_864 * 8192);
  });

  test("windows, latents and states are not quantized, since the engine cannot", () => {
    expect(bytesAt(deepseekV3, 8192, 4)).toBe(bytesAt(deepseekV3, 8192));
    expect(bytesAt(codestralMamba, 8192, 4)).toBe(bytesAt(codestralMamba, 8192));
    // 10 full layers: 2 x 16 x 72 = 2304 bytes instead of 8192; the 52 windows stay.
    expect(bytesAt(gemma27B, 32_768, 4)).toBe(10 * 32_768 * 2304 + 436_207_616);
  });

  test("a model that computes in float32 takes twice as much", () => {
    expect(bytesAt({ ...llama8B, torch_dtype: "float32" }, 8192)).toBe(2 * 131_072 * 8192);
    expect(kvBytesOf(shapeOf({ ...llama8B, torch_dtype: "float32" }), 8192)).toBe(2 * 131_072 * 8192);
    // The weights know better than the config.
    expect(kvBytesOf(memoryShapeOf({ ...llama8B, torch_dtype: "float32" }, 2) ?? shapeOf({}), 8192)).toBe(
      131_072 * 8192,
    );
  });

  test("caches grow by 256 tokens at a time", () => {
    expect(bytesAt(llama8B, 300)).toBe(131_072 * 512);
    expect(bytesAt(llama8B, 256)).toBe(131_072 * 256);
  });

  test("while a prompt is read, a window takes in a whole step before it lets go", () => {
    // 52 layers x 2047 tokens x 8192 bytes; nothing where the context is no longer than the window.
    expect(windowSlackBytes(shapeOf(gemma27B), 32_768, 2048)).toBe(52 * 2047 * 8192);
    expect(windowSlackBytes(shapeOf(gemma27B), 1024, 2048)).toBe(0);
    expect(windowSlackBytes(shapeOf(llama8B), 32_768, 2048)).toBe(0);
  });
});

describe("a shape", () => {
  test("groups layers that cache alike, and is small enough to be stored with other facts", () => {
    const shape = shapeOf(gptOss20B);
    expect(shape.layers.map(({ layers, window }) => [layers, window])).toEqual([
      [12, 128],
      [12, null],
    ]);
    expect(JSON.parse(JSON.stringify(shape))).toEqual(shape);
  });

  test("of an architecture that is not known is plain, and says so", () => {
    const { model_type: _, ...unnamed } = llama8B;
    expect(shapeOf({ ...unnamed, model_type: "brand_new" })).toMatchObject({ basis: "plain" });
    expect(shapeOf(llama8B)).toMatchObject({ basis: "architecture" });
    expect(bytesAt({ ...unnamed, model_type: "brand_new" }, 8192)).toBe(131_072 * 8192);
  });

  test("of a model around one that is known follows the inner one, as far as it is known", () => {
    const wrapped = { model_type: "internvl_chat", llm_config: qwen3Moe };
    expect(shapeOf(wrapped)).toMatchObject({ basis: "plain" });
    expect(bytesAt(wrapped, 32_768)).toBe(3 * 1024 ** 3);
  });

  test("follows the engine where two families share a model_type", () => {
    const ling = { ...llama8B, model_type: "bailing_hybrid", layer_group_size: 4, kv_lora_rank: 512 };
    const third = { ...ling, architectures: ["BailingMoeV3ForCausalLM"] };
    expect(bytesAt({ ...ling, qk_rope_head_dim: 64 }, 256)).not.toBe(bytesAt({ ...third, qk_rope_head_dim: 64 }, 256));
  });

  test.each([
    ["nothing", null],
    ["an excerpt, as the Hub's lists have it", { model_type: "llama", architectures: ["LlamaForCausalLM"] }],
    ["an excerpt of a model with defaults for much", { model_type: "gemma3_text", quantization: { bits: 4 } }],
    ["no language model", { model_type: "clip", num_hidden_layers: 12 }],
    ["nonsense", { ...llama8B, num_hidden_layers: -3 }],
    ["an absurd size", { ...llama8B, num_hidden_layers: 1e9 }],
    ["text for numbers", { ...llama8B, hidden_size: "4096", num_attention_heads: "32" }],
  ])("is not guessed from %s", (_, config) => {
    expect(memoryShapeOf(config)).toBeNull();
  });

  test("falls back to the plain one where what its family needs is missing", () => {
    const { linear_num_key_heads: _, ...torn } = qwen3Next;
    expect(shapeOf(torn)).toMatchObject({ basis: "plain", layers: [{ layers: 48 }] });
  });
});

import { describe, expect, test } from "@jest/globals";
import { Fit } from "../../../../service/src/contract/hub.ts";
import { fitOf, fitTable } from "../../../../service/src/library/models/memory/fit.ts";
import { kvBytesOf } from "../../../../service/src/library/models/memory/kv-bytes.ts";
import { memoryShapeOf } from "../../../../service/src/library/models/memory/kv-shape.ts";

const GiB = 1024 ** 3;
const llama8B = memoryShapeOf({
  ...{ model_type: "llama", num_hidden_layers: 32, hidden_size: 4096, num_attention_heads: 32 },
  ...{ num_key_value_heads: 8, intermediate_size: 14_336 },
});
const glmFlash = memoryShapeOf({
  ...{ model_type: "glm4_moe_lite", num_hidden_layers: 47, hidden_size: 2048, num_attention_heads: 20 },
  ...{ kv_lora_rank: 512, qk_rope_head_dim: 64, qk_nope_head_dim: 192, v_head_dim: 256, intermediate_size: 10_240 },
  ...{ num_experts_per_tok: 4, moe_intermediate_size: 1536 },
});
const gemma12B = memoryShapeOf({
  ...{ model_type: "gemma3_text", num_hidden_layers: 48, hidden_size: 3840, num_attention_heads: 16 },
  ...{ num_key_value_heads: 8, head_dim: 256, sliding_window: 1024, intermediate_size: 15_360 },
});
const question = { weightBytes: 4_517_000_000, contextTokens: 8192, limitBytes: 16 * GiB, modelContext: 131_072 };

describe("the memory a model needs", () => {
  test("is weights, caches and overhead, computed by hand for Llama 3.1 8B at 4 bits", () => {
    // Caches 131 072 x 8192 = 1 073 741 824. A step reads 2048 tokens of 2 x (8 x 4096 + 3 x 14 336 + 80 x 128) =
    // 172 032 bytes: 352 321 536. Engine 128 MiB = 134 217 728. 5 % of the weights = 225 850 000.
    const fit = fitOf(llama8B, question);
    expect(fit).toEqual({
      ...{ verdict: "easy", fits: true, contextTokens: 8192, method: "formula" },
      ...{ weightBytes: 4_517_000_000, kvBytes: 1_073_741_824, overheadBytes: 712_389_264 },
      ...{ neededBytes: 6_303_131_088, limitBytes: 16 * GiB, largestContext: fit.largestContext },
    });
    expect(Fit.parse(fit)).toEqual(fit);
  });

  test("counts every expert of a mixture, since the engine holds them all", () => {
    expect(fitOf(glmFlash, { ...question, weightBytes: 17e9 }).neededBytes).toBeGreaterThan(17e9);
  });

  test("counts the scores of attention where the engine writes them down: latents, by hand", () => {
    // 2048 tokens x 8192 of context x 20 heads x 2 bytes = 671 088 640, keys and values made anew for
    // 8192 x 20 x (192 + 256) x 2 = 146 800 640, and of the rest, with 4 experts at work on each token,
    // 2048 x 2 x (8 x 2048 + 80 x 102 + 4 x (3 x 1536 + 2 x 2048)).
    const overhead = 134_217_728 + 671_088_640 + 146_800_640 + 2048 * 2 * (16_384 + 80 * 102 + 34_816);
    const fit = fitOf(glmFlash, { ...question, weightBytes: 0 });
    expect(fit).toMatchObject({ kvBytes: 47 * 1152 * 8192, overheadBytes: overhead });
  });

  test("counts what windows take in while a prompt is read, and no scores for heads that Metal has a kernel for", () => {
    // 40 windows x 2047 tokens x 2 x 8 x 256 x 2 bytes, and 2048 x 2 x (8 x 3840 + 3 x 15 360 + 48 x 256).
    const overhead = 134_217_728 + 40 * 2047 * 8192 + 2048 * 2 * (30_720 + 46_080 + 12_288);
    expect(fitOf(gemma12B, { ...question, weightBytes: 0 }).overheadBytes).toBe(overhead);
  });

  test("with a quantized cache is less for the cache and more for the scores", () => {
    const plain = fitOf(llama8B, question);
    const quantized = fitOf(llama8B, { ...question, kvBits: 8 });
    expect(quantized.kvBytes).toBe(69_632 * 8192);
    // 2048 x 8192 x 32 heads x 2 bytes.
    expect((quantized.overheadBytes ?? 0) - (plain.overheadBytes ?? 0)).toBe(2048 * 8192 * 64);
  });

  test("at a context beyond the model's own is that of its own", () => {
    expect(fitOf(llama8B, { ...question, contextTokens: 1e6 })).toMatchObject({
      contextTokens: 131_072,
      kvBytes: kvBytesOf(llama8B ?? never(), 131_072),
    });
  });

  test("without facts about its layers is weights and overhead, and says so", () => {
    // 128 MiB + 512 MiB + 5 %.
    expect(fitOf(null, { ...question, weightBytes: 10e9 })).toEqual({
      ...{ verdict: "fits", fits: true, contextTokens: 8192, method: "weights-only" },
      ...{ weightBytes: 10e9, kvBytes: null, overheadBytes: 640 * 1024 ** 2 + 0.5e9, largestContext: null },
      ...{ neededBytes: 10.5e9 + 640 * 1024 ** 2, limitBytes: 16 * GiB },
    });
  });

  test("of unknown weights is unknown", () => {
    const fit = fitOf(llama8B, { ...question, weightBytes: null });
    expect(fit).toMatchObject({ verdict: "unknown", fits: null, neededBytes: null, largestContext: null });
    expect(Fit.parse(fit)).toEqual(fit);
  });
});

test("a config that claims absurd sizes gives numbers that the contract takes", () => {
  const absurd = memoryShapeOf({
    ...{ model_type: "llama", num_hidden_layers: 2000, hidden_size: 1e9, num_attention_heads: 1e9 },
    ...{ num_key_value_heads: 1e9, head_dim: 1e9 },
  });
  const fits = fitTable(absurd, { ...question, modelContext: 1e9 });
  expect(fits.map((fit) => Fit.safeParse(fit).success)).toEqual(fits.map(() => true));
  expect(fits.map(({ verdict }) => verdict)).toEqual(fits.map(() => "too-large"));
});

describe("the verdict", () => {
  const needed = fitOf(llama8B, question).neededBytes ?? never();
  test.each([
    ["easy", true, needed / 0.6],
    ["fits", true, needed / 0.6 - 1],
    ["fits", true, needed / 0.85],
    ["tight", true, needed / 0.85 - 1],
    ["tight", true, needed],
    ["too-large", false, needed - 1],
  ])("is %s (%s) against a limit of %d", (verdict, fits, limitBytes) => {
    expect(fitOf(llama8B, { ...question, limitBytes })).toMatchObject({ verdict, fits });
  });
});

describe("the largest context", () => {
  test.each([6, 8, 12])("fits into %d GiB, and a step of the cache more does not", (limit) => {
    const asked = { ...question, limitBytes: limit * GiB };
    const { largestContext } = fitOf(llama8B, asked);
    expect(largestContext).toBeGreaterThan(0);
    const at = (contextTokens: number) => fitOf(llama8B, { ...asked, contextTokens }).fits;
    expect([at(largestContext ?? 0), at((largestContext ?? 0) + 256)]).toEqual([true, false]);
  });

  test("is at most the model's own, and none where the weights alone are too much", () => {
    expect(fitOf(llama8B, { ...question, limitBytes: 400 * GiB }).largestContext).toBe(131_072);
    expect(fitOf(llama8B, { ...question, limitBytes: 4 * GiB }).largestContext).toBe(0);
  });

  test("does not depend on the context that was asked for", () => {
    const at = (contextTokens: number) =>
      fitOf(llama8B, { ...question, contextTokens, limitBytes: 8 * GiB }).largestContext;
    expect(at(100_000)).toBe(at(1000));
  });
});

describe("the table over contexts", () => {
  const contexts = (modelContext: number | null) =>
    fitTable(llama8B, { ...question, modelContext }).map(({ contextTokens }) => contextTokens);

  test("doubles up to the model's own longest, and ends there", () => {
    expect(contexts(131_072)).toEqual([4096, 8192, 16_384, 32_768, 65_536, 131_072]);
    expect(contexts(40_960)).toEqual([4096, 8192, 16_384, 32_768, 40_960]);
    expect(contexts(262_144).at(-1)).toBe(262_144);
    expect(contexts(2048)).toEqual([2048]);
    expect(contexts(null).at(-1)).toBe(131_072);
  });

  test("needs more with every line", () => {
    const needed = fitTable(llama8B, question).map(({ neededBytes }) => neededBytes ?? 0);
    expect(needed).toEqual([...needed].sort((a, b) => a - b));
  });
});

function never(): never {
  throw new Error("This must be known.");
}

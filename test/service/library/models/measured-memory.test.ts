import { describe, expect, test } from "@jest/globals";
import { fitOf } from "../../../../service/src/library/models/memory/fit.ts";
import { measuredBytes } from "../../../../service/src/library/models/memory/measured-memory.ts";
import { memoryShapeOf } from "../../../../service/src/library/models/memory/kv-shape.ts";
import { seededRandom } from "../../../tools/counts.ts";

const predict = (context: number): number => 1000 + context * 10;
const measured = {
  ...({ method: "pss", loadedBytes: 900 } as const),
  contexts: [
    { tokens: 100, peakBytes: 1800 },
    { tokens: 200, peakBytes: 3300 },
  ],
};

describe("measured memory", () => {
  test("is what was measured where it was, with the error of the prediction between and beyond", () => {
    expect(measuredBytes(measured, 100, predict)).toBe(1800);
    expect(measuredBytes(measured, 200, predict)).toBe(3300);
    // The errors are -200 and +300; half-way +50.
    expect(measuredBytes(measured, 150, predict)).toBe(2550);
    expect(measuredBytes(measured, 1000, predict)).toBe(11_300);
    expect(measuredBytes(measured, 50, predict)).toBe(1300);
  });

  test("is never below what was seen at a shorter context, nor below what loading alone took", () => {
    const random = seededRandom(3);
    for (let trial = 0; trial < 500; trial += 1) {
      const contexts = [300, 900, 2000].map((tokens) => ({ tokens, peakBytes: Math.floor(random() * 50_000) }));
      const context = Math.floor(random() * 4000);
      const bytes = measuredBytes({ ...measured, contexts }, context, predict);
      const seen = contexts.filter(({ tokens }) => tokens <= context).map(({ peakBytes }) => peakBytes);
      expect(bytes).toBeGreaterThanOrEqual(Math.max(900, ...seen));
    }
  });
});

describe("fit with a measurement", () => {
  const shape = memoryShapeOf({
    ...{ model_type: "llama", num_hidden_layers: 32, hidden_size: 4096, num_attention_heads: 32 },
    ...{ num_key_value_heads: 8, intermediate_size: 14_336 },
  });
  const question = {
    weightBytes: 4_517_000_000,
    contextTokens: 8192,
    limitBytes: 7_000_000_000,
    modelContext: 131_072,
  };
  const plain = fitOf(shape, question);
  const peakBytes = (plain.neededBytes ?? 0) + 1_000_000_000;
  const probe = {
    method: "phys_footprint",
    loadedBytes: 4_700_000_000,
    contexts: [{ tokens: 8192, peakBytes }],
  } as const;

  test("judges by what was measured, and finds the longest context by it", () => {
    const fit = fitOf(shape, { ...question, measured: { ...probe, contexts: [...probe.contexts] } });
    expect(plain).toMatchObject({ method: "formula", verdict: "tight" });
    expect(fit).toMatchObject({ method: "measured", neededBytes: peakBytes, verdict: "too-large", fits: false });
    expect(fit.largestContext!).toBeLessThan(plain.largestContext!);
    expect((fit.weightBytes ?? 0) + (fit.kvBytes ?? 0) + (fit.overheadBytes ?? 0)).toBe(peakBytes);
  });

  test("keeps to the formula where nothing was measured with a context, or the cache is quantized", () => {
    expect(fitOf(shape, { ...question, measured: { ...probe, contexts: [] } })).toEqual(plain);
    expect(fitOf(shape, { ...question, measured: null })).toEqual(plain);
    const quantized = { ...question, kvBits: 8 as const };
    expect(fitOf(shape, { ...quantized, measured: { ...probe, contexts: [...probe.contexts] } })).toEqual(
      fitOf(shape, quantized),
    );
  });
});

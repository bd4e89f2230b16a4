import { describe, expect, test } from "@jest/globals";
import { memoryShapeOf } from "../../service/src/library/models/index.ts";
import { memoryForecaster } from "../../service/src/memory-forecast.ts";
import type { Profile } from "../../service/src/contract/profiles.ts";
import { noFacts } from "../../service/src/library/models/local-model.ts";
import { testProfile } from "./serving/pool/pool-world.ts";

const llama8B = memoryShapeOf({
  ...{ model_type: "llama", num_hidden_layers: 32, hidden_size: 4096, num_attention_heads: 32 },
  ...{ num_key_value_heads: 8, intermediate_size: 14_336 },
});
const kvPer8192 = 1_073_741_824;
const overhead = 712_389_264;
const weights = 4_517_000_000;

function forecast(change: Partial<Profile> = {}, memory = llama8B) {
  const facts = { ...noFacts, memory, contextLength: 131_072 };
  const located = { model: "a/b", revision: "r", path: "/models/a", weightBytes: weights, facts };
  const draft = { ...located, model: "a/draft", weightBytes: 1000 };
  const models = {
    locate: (id: string) => (id === "a/draft" ? draft : located),
    getRevision: () => ({ revision: "r", path: "/models/a" }),
  };
  return memoryForecaster({ models, contextTokens: () => 8192, measured: () => null })(
    { ...testProfile(), ...change },
    located,
  );
}

describe("what a server is predicted to take", () => {
  test("is weights, one conversation of the usual context, and the engine", () => {
    expect(forecast()).toEqual({
      ...{ bytes: weights + kvPer8192 + overhead, source: "predicted" },
      parts: { weights, kv: kvPer8192, overhead },
    });
  });

  test("is as many conversations as the profile allows, each of its context", () => {
    expect(forecast({ limits: { concurrency: 4 } }).parts.kv).toBe(4 * kvPer8192);
    expect(forecast({ limits: { concurrency: 4, contextTokens: 16_384 } }).parts.kv).toBe(8 * kvPer8192);
    // What turns batching off leaves one at work, whatever the profile allows.
    expect(forecast({ limits: { concurrency: 4 }, sampling: { seed: 1 } }).parts.kv).toBe(kvPer8192);
  });

  test("counts a quantized cache, kept conversations and a draft model", () => {
    expect(forecast({ engineOptions: { kvBits: 4 } }).parts.kv).toBeLessThan(kvPer8192 / 3);
    expect(forecast({ engineOptions: { kvBits: 4, quantizedKvStart: 5000 } }).parts.kv).toBe(kvPer8192);
    expect(forecast({ engineOptions: { promptCacheBytes: 1_000_000 } }).parts.kv).toBe(kvPer8192 + 1_000_000);
    expect(forecast({ engineOptions: { promptCacheBytes: 1e12, promptCacheSize: 2 } }).parts.kv).toBe(3 * kvPer8192);
    expect(forecast({ engineOptions: { draftModel: "a/draft" } }).parts.weights).toBe(weights + 1000);
  });

  test("is at least the weights where nothing is known of the layers, and says that it is no prediction", () => {
    const unknown = forecast({}, null);
    expect(unknown.source).toBe("unknown");
    expect(unknown.bytes).toBeGreaterThan(weights);
  });

  test("is nothing for another service, and this machine's ranks of a cluster", () => {
    const remote = { baseUrl: "https://api.example.com/v1", model: "x", hasKey: false };
    expect(forecast({ kind: "remote", remote }).bytes).toBe(0);
    const hosts = ["here", "10.0.0.2", "10.0.0.3", "10.0.0.4"].map((host) => ({ host, ips: ["10.0.0.1"] }));
    const cluster = { hosts, mode: "tensor", backend: "ring" } as const;
    const split = forecast({ kind: "cluster", cluster });
    expect(split.parts).toEqual({ weights: weights / 4, kv: kvPer8192 / 4, overhead });
  });
});

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { readArchitectures } from "../../../../scripts/generate-architectures.mjs";
import * as data from "../../../../service/src/library/models/facts/architecture-data.ts";
import { kvBytesOf } from "../../../../service/src/library/models/memory/kv-bytes.ts";
import type { KvBits } from "../../../../service/src/library/models/memory/kv-bytes.ts";
import { memoryShapeOf } from "../../../../service/src/library/models/memory/kv-shape.ts";
import { tinyConfig } from "../../../fixtures/tiny-architectures.ts";
import { isFull } from "../../../tools/counts.ts";
import { enginePython } from "../../../tools/engine-python.ts";

interface Case {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly tokens: number;
  readonly kvBits: KvBits;
  readonly dtype: "bfloat16" | "float32";
}

interface Held {
  readonly bytes?: number;
  readonly error?: string;
}

const program = fileURLToPath(new URL("../../../python/cache_bytes.py", import.meta.url));
let python: string;
let sitePackages: string;
beforeAll(async () => ({ python, sitePackages } = await enginePython()));

/** These call kernels for which there is only Metal, so elsewhere they say so instead. */
const needMetal = ["bitnet", "muse_spark"];
const noMetal = "RuntimeError: [metal_kernel] No Metal back-end.";

/** A packed form of another family that needs its own weights to be made. */
const withoutRule = ["prism_hadamard_qwen35"];

/** Refuse heads that are not `hidden / heads` wide. */
const narrow = ["cohere2", "exaone", "rwkv7"];

const modules = data.models.filter((module) => !withoutRule.includes(module));

/** More than a window, less than the step by which caches grow: fast, and both can be seen. */
const fewTokens = 40;
/** Grow by steps from where they were cut; keep something once per few tokens. Even only at these counts. */
const ownTokens: Readonly<Record<string, number>> = { llama4: 300, deepseek_v41: 256 };

const caseOf = (module: string, change: Case["config"] = {}, more: Partial<Case> = {}): Case => ({
  ...{ name: module, config: tinyConfig(module, change), kvBits: null, dtype: "bfloat16" },
  ...{ tokens: ownTokens[module] ?? fewTokens, ...more },
});

/** What the engine's caches hold, as the engine itself says. */
function held(cases: readonly Case[]): Held[] {
  const output = execFileSync(python, [program], {
    input: JSON.stringify(cases),
    encoding: "utf8",
    env: { ...process.env, MLX_DISABLE_COMPILE: "1" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Held);
}

function predicted({ config, tokens, kvBits, dtype }: Case): { bytes: number | null; basis: string | null } {
  const shape = memoryShapeOf(config, dtype === "float32" ? 4 : 2);
  return { bytes: shape === null ? null : kvBytesOf(shape, tokens, kvBits), basis: shape?.basis ?? null };
}

function expectEqual(cases: readonly Case[]): void {
  const answers = held(cases);
  const seen = cases.map((one, index) => ({ name: one.name, ...answers[index] }));
  const wanted = cases.map((one, index) => {
    const { name } = one;
    if (needMetal.includes(name) && answers[index]?.error === noMetal) return { name, error: noMetal };
    return { name, bytes: predicted(one).bytes };
  });
  expect(seen).toEqual(wanted);
}

describe("what our formulas say is what the engine's caches hold, to the byte", () => {
  test("for every architecture that the pinned engine runs", () => {
    const cases = modules.map((module) => caseOf(module));
    expect(cases.map((one) => predicted(one).basis)).toEqual(cases.map(() => "architecture"));
    expectEqual(cases);
  });

  test("for longer contexts, which caches follow in steps of 256 tokens", () => {
    const some = ["llama", "gemma3", "deepseek_v3", "qwen3_next", "granitemoehybrid"];
    const chosen = isFull ? modules.filter((module) => ownTokens[module] === undefined) : some;
    expectEqual(chosen.map((module) => caseOf(module, {}, { tokens: 300 })));
  });

  test("where a config says it another way, or leaves it to the engine", () => {
    const keyHeads = ["num_key_value_heads", "num_kv_heads", "n_kv_heads"];
    const heads = ["num_attention_heads", "num_heads", "n_head", "n_heads"];
    const without = (...keys: string[]) => Object.fromEntries(keys.map((key) => [key, undefined]));
    const variants: [module: string, change: Case["config"]][] = [
      ...["gpt_oss", "olmo3", "muse_glimmer", "spark2_5", "step3p5", "gemma4_text", "olmo_hybrid", "ministral3"].map(
        (module): [string, Case["config"]] => [module, without("layer_types")],
      ),
      ["step3p5", { layer_types: undefined, attention_other_setting: undefined }],
      ["gemma4_text", { attention_k_eq_v: true, num_global_key_value_heads: 1 }],
      ["gemma3", { ...without(...heads, ...keyHeads), head_dim: 8 }],
      ["gemma3_text", without("sliding_window_pattern")],
      ["cohere2", without("sliding_window_pattern")],
      ["exaone4", { sliding_window_pattern: null }],
      ["mistral3", { model_type: "mistral", rope_parameters: undefined }],
      ["mistral3", { model_type: "mistral4" }],
      ["jamba", { layers_block_type: ["mamba", "attention"], num_hidden_layers: 2 }],
      ["nemotron_h", { hybrid_override_pattern: undefined, layers_block_type: ["mamba", "attention", "mlp", "mamba"] }],
      ["lfm2", { full_attn_idxs: [0, 3], layer_types: undefined }],
      ["plamo2", { mamba_enabled: false }],
      ["recurrent_gemma", { block_types: undefined, _block_types: ["recurrent", "attention"] }],
      ["gpt_bigcode", { multi_query: false, num_key_value_heads: 4 }],
      ["bailing_hybrid", { num_hidden_layers: 6 }],
      ["minimax_m3_vl", { layer_types: undefined, sparse_attention_freq: [0, 0, 1, 1, 1, 1, 1, 1] }],
      ...["llama", "olmo2", "phi3", "qwen2_moe", "internlm2"].map((module): [string, Case["config"]] => [
        module,
        without(...keyHeads),
      ]),
    ];
    expectEqual(variants.map(([module, change]) => caseOf(module, change)));
  });

  test("with heads of another width than the hidden size divided by the heads", () => {
    const some = ["qwen2", "qwen3", "llama", "gemma3", "gpt_oss", "mixtral", "lfm2", "qwen3_next", "step3p5"];
    const chosen = isFull ? modules.filter((module) => !narrow.includes(module)) : some;
    expectEqual(chosen.map((module) => caseOf(module, { head_dim: 32 })));
  });

  test("for models that compute in float32, whose states stay what they are", () => {
    const some = ["llama", "qwen3_moe", "deepseek_v3", "qwen3_next", "mamba", "mamba2", "jamba", "kimi_linear", "lfm2"];
    const chosen = isFull ? modules : some;
    expectEqual(chosen.map((module) => caseOf(module, {}, { dtype: "float32" })));
  });

  test("quantized to 8 and 4 bits, where recurrent layers keep their state as it was", () => {
    const change = { head_dim: 64, num_attention_heads: 2, hidden_size: 128, layer_types: undefined };
    const cases = ([8, 4] as const).flatMap((kvBits) =>
      ["llama", "qwen2", "qwen3", "qwen3_moe", "qwen3_next"].map((module) => caseOf(module, change, { kvBits })),
    );
    expectEqual(cases);
  });
});

test("the list of architectures is that of the pinned engine; else run scripts/generate-architectures.mjs", () => {
  const { version, models, remapped, remappedByClass, defaults } = data;
  expect({ version, models, remapped, remappedByClass, defaults }).toEqual(readArchitectures(sitePackages));
});

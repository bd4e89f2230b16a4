import { everything, headsOf } from "./kv-attention.ts";
import type { CachedLayer, LayerRule } from "./kv-attention.ts";
import { latents } from "./kv-latent.ts";
import { layerRules, wrappers } from "./kv-rules.ts";
import type { CachedLayers, MemoryShape } from "./memory-shape.ts";
import { scratchOf } from "./step-scratch.ts";
import { moduleOf, part, textConfigOf } from "../facts/text-config.ts";
import type { Config, TextConfig } from "../facts/text-config.ts";

/**
 * How a model with this `config.json` uses memory while it runs; null where the file does not tell, as the excerpts in
 * the Hub's lists do not.
 * @param elementBytes what the weights say of the type the model computes in, where they are known.
 */
export function memoryShapeOf(config: Config | null, elementBytes: number | null = null): MemoryShape | null {
  if (config === null) return null;
  const known = moduleOf(config);
  const module = known ?? moduleOf(part(config["text_config"]) ?? part(config["llm_config"]) ?? {});
  const wrapper = module === null ? undefined : wrappers[module];
  const rule = module === null ? null : ruleOf(config, module);
  const text = textConfigOf(config, wrapper?.inner ?? module, elementBytes);
  const withDefaults = { ...text, defaults: { ...text.defaults, ...wrapper?.defaults } };
  const exact = rule === null ? null : shape(known === null ? "plain" : "architecture", rule, withDefaults);
  return exact ?? shape("plain", everything, withDefaults);
}

/** Run other families behind one cache that keeps everything. */
const keepingEverything = ["mistral3", "pixtral"];

function ruleOf(config: Config, module: string): LayerRule | null {
  if (!keepingEverything.includes(module)) return layerRules[wrappers[module]?.inner ?? module] ?? null;
  return part(config["text_config"])?.["model_type"] === "mistral4" ? latents : everything;
}

function shape(basis: MemoryShape["basis"], rule: LayerRule, config: TextConfig): MemoryShape | null {
  const layers = alike(rule(config));
  const { query } = headsOf(config);
  const scratch = scratchOf(config, layers);
  const numbers = [
    ...layers.flatMap(({ rows, window, stateBytes }) => [
      ...rows.flatMap(({ heads, width }) => [heads, width]),
      window ?? 0,
      stateBytes,
    ]),
    ...Object.values(scratch),
  ];
  // A missing number has made everything that was computed with it no number.
  if (layers.length === 0 || !numbers.every((value) => Number.isFinite(value) && value >= 0)) return null;
  const { elementBytes } = config;
  return { basis, layers, elementBytes, heads: Number.isNaN(query) ? 0 : query, scratch };
}

function alike(layers: readonly CachedLayer[]): CachedLayers[] {
  const groups = new Map<string, CachedLayers>();
  for (const layer of layers) {
    const key = JSON.stringify(layer);
    groups.set(key, { layers: (groups.get(key)?.layers ?? 0) + 1, ...layer });
  }
  return [...groups.values()];
}

type Config = Readonly<Record<string, unknown>>;

/** `model_type`, else the first of `architectures`. */
export function architectureOf(config: Config | null): string | null {
  const type = config?.["model_type"];
  if (typeof type === "string" && type !== "") return type.slice(0, 100);
  const architectures: unknown = config?.["architectures"];
  const first: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  return typeof first === "string" ? first.slice(0, 100) : null;
}

/** What the family takes where its `config.json` says nothing, which the small Gemma 3 do. */
const familyContexts: Readonly<Record<string, number>> = { gemma3: 131_072, gemma3_text: 32_768 };

/**
 * The longest context, as stretched by `rope_scaling` where a config names the length before that. Tokenizers that know
 * none write an absurd number, which counts as nothing.
 */
export function contextLengthOf(config: Config | null, tokenizerConfig: Config | null): number | null {
  for (const values of [part(config, "text_config"), part(config, "llm_config"), config]) {
    const length = lengthIn(values);
    if (length !== null) return Math.max(length, stretchedLength(values));
  }
  const family = familyContexts[String(config?.["model_type"])] ?? null;
  return whole(tokenizerConfig?.["model_max_length"]) ?? (hasLayers(config) ? family : null);
}

const lengthNames = ["max_position_embeddings", "n_positions", "max_sequence_length", "max_seq_len", "seq_length"];

function lengthIn(values: Config | null): number | null {
  return lengthNames.map((name) => whole(values?.[name])).find((length) => length !== null) ?? null;
}

/** The original length times the factor; 0 where nothing is stretched. Some tools nest it by the kind of layer. */
function stretchedLength(values: Config | null): number {
  const scaling = part(values, "rope_scaling") ?? part(values, "rope_parameters");
  const rope = part(scaling, "full_attention") ?? scaling;
  const original = whole(rope?.["original_max_position_embeddings"]);
  const factor: unknown = rope?.["factor"];
  return original === null || typeof factor !== "number" ? 0 : (whole(Math.round(original * factor)) ?? 0);
}

/** An excerpt of a config, as the Hub's lists have it, must not be mistaken for one that leaves things to the engine. */
function hasLayers(config: Config | null): boolean {
  return whole((part(config, "text_config") ?? config)?.["num_hidden_layers"]) !== null;
}

export function vocabularySizeOf(config: Config | null): number | null {
  return whole(part(config, "text_config")?.["vocab_size"]) ?? whole(config?.["vocab_size"]);
}

/** Whether the loader would run Python from the model's own folder. */
export function hasCustomCode(config: Config | null): boolean {
  return typeof config?.["model_file"] === "string";
}

/** The chat template as files keep it: a string, or a list of named ones of which `default` counts. */
export function chatTemplateOf(tokenizerConfig: Config | null): string | null {
  const template: unknown = tokenizerConfig?.["chat_template"];
  if (typeof template === "string") return template;
  if (!Array.isArray(template)) return null;
  const named = template as { name?: unknown; template?: unknown }[];
  const chosen = named.find(({ name }) => name === "default") ?? named[0];
  return typeof chosen?.template === "string" ? chosen.template : null;
}

function part(config: Config | null, key: string): Config | null {
  const value = config?.[key];
  return typeof value === "object" && value !== null ? (value as Config) : null;
}

function whole(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 1e9 ? value : null;
}

type Config = Readonly<Record<string, unknown>>;

/** `model_type`, else the first of `architectures`. */
export function architectureOf(config: Config | null): string | null {
  const type = config?.["model_type"];
  if (typeof type === "string" && type !== "") return type.slice(0, 100);
  const architectures: unknown = config?.["architectures"];
  const first: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  return typeof first === "string" ? first.slice(0, 100) : null;
}

/** The longest context; tokenizers that know none write an absurd number, which counts as nothing. */
export function contextLengthOf(config: Config | null, tokenizerConfig: Config | null): number | null {
  return (
    whole(part(config, "text_config")?.["max_position_embeddings"]) ??
    whole(config?.["max_position_embeddings"]) ??
    whole(tokenizerConfig?.["model_max_length"])
  );
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

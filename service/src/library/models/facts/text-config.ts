import { defaults, models, remapped, remappedByClass } from "./architecture-data.ts";

export type Config = Readonly<Record<string, unknown>>;

/** The part of `config.json` that speaks of the language model, with what the engine takes for what is left out. */
export interface TextConfig {
  readonly values: Config;
  readonly defaults: Readonly<Record<string, number>>;
  /** Bytes of one number as the model computes: 2, or 4 for float32. */
  readonly elementBytes: number;
}

/** The module of mlx-lm that runs such a model, after the engine's own renaming; null when there is none. */
export function moduleOf(config: Config): string | null {
  const type = config["model_type"];
  if (typeof type !== "string") return null;
  const classes: unknown = config["architectures"];
  const named = remappedByClass.find(
    ([from, name]) => from === type && Array.isArray(classes) && classes.includes(name),
  );
  const module = named?.[2] ?? remapped[type] ?? type;
  return models.includes(module) ? module : null;
}

export function textConfigOf(config: Config, module: string | null, elementBytes: number | null): TextConfig {
  const values = part(config["text_config"]) ?? part(config["llm_config"]) ?? config;
  const dtype = values["dtype"] ?? values["torch_dtype"] ?? config["dtype"] ?? config["torch_dtype"];
  return {
    values,
    defaults: (module === null ? undefined : defaults[module]) ?? {},
    elementBytes: elementBytes ?? (dtype === "float32" ? 4 : 2),
  };
}

/** The first of these keys that holds a number. Not a number when none does, so that whatever is computed shows it. */
export function count({ values, defaults: taken }: TextConfig, ...names: string[]): number {
  for (const name of names) {
    const value = whole(values[name]);
    if (value !== null) return value;
  }
  for (const name of names) {
    const value = taken[name];
    if (value !== undefined) return value;
  }
  return Number.NaN;
}

/** As `count`, with a value for a key that is not there. */
export function countOr(config: TextConfig, fallback: number, ...names: string[]): number {
  const value = count(config, ...names);
  return Number.isNaN(value) ? fallback : value;
}

export function list({ values }: TextConfig, ...names: string[]): readonly unknown[] | null {
  for (const name of names) {
    const value: unknown = values[name];
    if (Array.isArray(value)) return value as unknown[];
  }
  return null;
}

export function part(value: unknown): Config | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Config) : null;
}

export function whole(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 1e9 ? value : null;
}

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

type Json = Readonly<Record<string, unknown>>;

/** What a model's folder says about its prompts. */
export interface PromptFiles {
  readonly tokenizer: Json;
  readonly config: Json;
  /** For every conversation, and the one that some models keep for those with tools; null: it only writes texts on. */
  readonly templates: { readonly usual: string; readonly withTools: string } | null;
  /** `bos_token` and its like, which templates write. */
  readonly specialTokens: Readonly<Record<string, string>>;
}

const names = ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "chat_template.json"];
const toolTemplate = "additional_chat_templates/tool_use.jinja";

/** Changes when a file does. */
export function stampOf(folder: string): string {
  return names
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false }))
    .map((found) => (found === undefined ? "-" : `${found.mtimeMs}:${found.size}`))
    .join(" ");
}

/** @throws Error for a model whose prompts Python makes in a way of its own, or whose files are not here. */
export function readPromptFiles(folder: string): PromptFiles {
  const tokenizer = readJson(folder, "tokenizer.json");
  if (tokenizer === null) throw new Error("the model has no tokenizer.json");
  const config = readJson(folder, "tokenizer_config.json") ?? {};
  refuseOwnWays(config);
  const inFile = readText(folder, "chat_template.jinja");
  const given: unknown = inFile ?? config["chat_template"] ?? readJson(folder, "chat_template.json")?.["chat_template"];
  const usual = named(given, "default");
  const withTools = (inFile === null ? null : readText(folder, toolTemplate)) ?? named(given, "tool_use") ?? usual;
  const templates = usual === null || withTools === null ? null : { usual, withTools };
  const specialTokens = tokensOf({ ...readJson(folder, "special_tokens_map.json"), ...config });
  return { tokenizer, config, templates, specialTokens };
}

/** Programs of the model's own and of mlx_lm: what they write is not what the files say. */
function refuseOwnWays(config: Json): void {
  if (config["tokenizer_class"] === "NewlineTokenizer" || "chat_template_type" in config || "auto_map" in config)
    throw new Error("the model's prompts are made by a program of its own");
}

/** Templates come as a text, or as a list of named ones. */
function named(given: unknown, name: string): string | null {
  if (typeof given === "string") return given;
  if (!Array.isArray(given)) return null;
  const found = (given as { name?: unknown; template?: unknown }[]).find((one) => one.name === name);
  return typeof found?.template === "string" ? found.template : null;
}

function tokensOf(config: Json): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!/^(bos|eos|unk|sep|pad|cls|mask)_token$/.test(key)) continue;
    const content: unknown = typeof value === "object" ? (value as Json | null)?.["content"] : value;
    if (typeof content === "string") tokens[key] = content;
  }
  return tokens;
}

function readJson(folder: string, name: string): Json | null {
  const text = readText(folder, name);
  return text === null ? null : (JSON.parse(text) as Json);
}

function readText(folder: string, name: string): string | null {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

import { readFileSync } from "node:fs";
import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import { EngineOptions } from "../contract/engine-options.ts";
import { SamplingDefaults } from "../contract/profiles.ts";
import type { Profile } from "../contract/profiles.ts";
import { usageError } from "./command-error.ts";
import { jsonObject, numberBetween, wholeNumber } from "./option-values.ts";

/** Options of `profiles create` and `edit`; names of sampling and engine options are the contract's. */
export type ProfileOptions = Readonly<Record<string, unknown>> & {
  readonly model?: string;
  readonly slug?: string;
  readonly name?: string;
  readonly revision?: string;
  readonly systemPrompt?: string;
  readonly systemPromptFile?: string;
  readonly unset?: readonly string[];
};

type Fields = Partial<Pick<Profile, "name" | "revision" | "systemPrompt" | "engineOptions" | "sampling">>;

export function addProfileOptions(command: Command): Command {
  return command
    .option("--name <text>", "name for people")
    .option("--revision <revision>", "`main`, or a commit to pin")
    .option("--system-prompt <text>", "system prompt of requests that bring none")
    .addOption(new Option("--system-prompt-file <path>", "read it from a file").conflicts("systemPrompt"))
    .option("--temperature <number>", "0 to 2", numberBetween(0, 2))
    .option("--top-p <number>", "above 0, to 1", numberBetween(0, 1))
    .option("--top-k <number>", "0: off", wholeNumber(0))
    .option("--min-p <number>", "0 to 1", numberBetween(0, 1))
    .option("--max-tokens <number>", "longest answer", wholeNumber(1))
    .option("--repetition-penalty <number>", "above 0, to 10", numberBetween(0, 10))
    .option("--presence-penalty <number>", "-2 to 2", numberBetween(-2, 2))
    .option("--frequency-penalty <number>", "-2 to 2", numberBetween(-2, 2))
    .option("--trust-remote-code", "run code that the model ships")
    .option("--no-trust-remote-code", "do not (the default)")
    .option("--chat-template-arguments <json>", "arguments of the chat template", jsonObject)
    .option("--prompt-cache-size <number>", "prompts kept in the cache", wholeNumber(0, 1000))
    .option("--prompt-cache-bytes <number>", "memory of the prompt cache", wholeNumber(0))
    .option("--prefill-step-size <number>", "tokens read at once", wholeNumber(16, 65_536))
    .option("--decode-concurrency <number>", "answers written at once", wholeNumber(1, 256))
    .option("--prompt-concurrency <number>", "prompts read at once", wholeNumber(1, 256));
}

/** For `edit`: takes a value away, so that the default counts again. May be given more than once. */
export function addUnsetOption(command: Command): Command {
  const known = ["systemPrompt", ...Object.keys(SamplingDefaults.shape), ...Object.keys(EngineOptions.shape)];
  const collect = (text: string, earlier: readonly string[] = []): string[] => {
    const key = text.replace(/-(\w)/g, (_whole, letter: string) => letter.toUpperCase());
    if (!known.includes(key)) throw new InvalidArgumentError(`Allowed: ${known.map(kebab).join(", ")}.`);
    return [...earlier, key];
  };
  return command.option("--unset <option>", "take a value away, for example temperature", collect);
}

/**
 * The fields of a request. Sampling and engine options are replaced as a whole by the API, so what a profile has is
 * kept here.
 */
export function profileFields(options: ProfileOptions, present: Pick<Profile, "engineOptions" | "sampling">): Fields {
  const unset = new Set(options.unset ?? []);
  const merged = <Value extends object>(keys: readonly string[], old: Value): Value | undefined => {
    const given = keys.filter((key) => options[key] !== undefined);
    if (given.length === 0 && !keys.some((key) => unset.has(key))) return undefined;
    const kept = Object.entries(old).filter(([key]) => !unset.has(key));
    return Object.fromEntries([...kept, ...given.map((key) => [key, options[key]])]) as Value;
  };
  const sampling = merged(Object.keys(SamplingDefaults.shape), present.sampling);
  const engineOptions = merged(Object.keys(EngineOptions.shape), present.engineOptions);
  const systemPrompt = unset.has("systemPrompt") ? null : readSystemPrompt(options);
  return {
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.revision === undefined ? {} : { revision: options.revision }),
    ...(systemPrompt === undefined ? {} : { systemPrompt }),
    ...(sampling ? { sampling } : {}),
    ...(engineOptions ? { engineOptions } : {}),
  };
}

export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function readSystemPrompt({ systemPrompt, systemPromptFile }: ProfileOptions): string | undefined {
  if (systemPromptFile === undefined) return systemPrompt;
  try {
    return readFileSync(systemPromptFile, "utf8").trimEnd();
  } catch (error) {
    const reason = (error as { code?: string }).code ?? "unknown";
    throw usageError(`${systemPromptFile} cannot be read (${reason}). Name a text file.`);
  }
}

import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import { LocalEngineId } from "../contract/engines.ts";
import { PresetId } from "../contract/profiles.ts";
import { byteSize, jsonObject, numberAmong, numberBetween, wholeNumber } from "./option-values.ts";
import { followsModel, kebab, profileKeys } from "./profile-fields.ts";

/** Options of `profiles create` and `edit`; their names are the contract's. */
export function addProfileOptions(command: Command): Command {
  command
    .addOption(new Option("--preset <preset>", "start from a preset; see: profiles presets").choices(PresetId.options))
    .option("--name <text>", "name for people")
    .option("--revision <revision>", "`main`, or a commit to pin")
    .addOption(
      new Option("--engine <engine>", `what runs it; ${followsModel}: it follows from the model (the default)`).choices(
        [...LocalEngineId.options, followsModel],
      ),
    )
    .option("--system-prompt <text>", "system prompt of requests that bring none")
    .addOption(new Option("--system-prompt-file <path>", "read it from a file").conflicts("systemPrompt"));
  addSampling(command);
  addEngineOptions(command);
  return addLimits(command);
}

function addSampling(command: Command): void {
  command
    .option("--temperature <number>", "0 to 2", numberBetween(0, 2))
    .option("--top-p <number>", "above 0, to 1", numberBetween(0, 1))
    .option("--top-k <number>", "0: off", wholeNumber(0))
    .option("--min-p <number>", "0 to 1", numberBetween(0, 1))
    .option("--max-tokens <number>", "longest answer", wholeNumber(1))
    .option("--repetition-penalty <number>", "above 0, to 10", numberBetween(0, 10))
    .option("--presence-penalty <number>", "-2 to 2", numberBetween(-2, 2))
    .option("--frequency-penalty <number>", "-2 to 2", numberBetween(-2, 2))
    .option("--seed <number>", "the same answer each time; one request at a time", wholeNumber(0));
}

function addEngineOptions(command: Command): void {
  command
    .option("--trust-remote-code", "run code that the model ships")
    .option("--no-trust-remote-code", "do not (the default)")
    .option("--chat-template <text>", "a Jinja template in place of the model's own")
    .addOption(new Option("--chat-template-file <path>", "read it from a file").conflicts("chatTemplate"))
    .option("--chat-template-arguments <json>", "variables of the chat template", jsonObject)
    .option("--draft-model <model>", "a small local model of the same family that guesses ahead")
    .option("--draft-tokens <number>", "tokens it guesses at a time", wholeNumber(1, 32))
    .option("--adapter-path <place>", "LoRA adapter: a folder, or a local model")
    .option("--kv-bits <number>", "bits of the key-value cache", numberAmong([2, 3, 4, 6, 8]))
    .option("--kv-group-size <number>", "values that share a scale", numberAmong([32, 64, 128]))
    .option("--quantized-kv-start <number>", "position from which on it is quantized", wholeNumber(0))
    .option("--prompt-cache-size <number>", "conversations kept in the cache", wholeNumber(1, 1000))
    .option("--prompt-cache-bytes <size>", "memory of that cache, such as 2GB", byteSize)
    .option("--prefill-step-size <number>", "tokens read at once", wholeNumber(16, 65_536))
    .option("--decode-concurrency <number>", "answers written at once", wholeNumber(1, 256))
    .option("--prompt-concurrency <number>", "prompts read at once", wholeNumber(1, 256));
}

function addLimits(command: Command): Command {
  return command
    .option("--context-tokens <number>", "longest prompt and answer together", wholeNumber(256))
    .option("--concurrency <number>", "requests at work at once", wholeNumber(1, 64))
    .option("--memory-bytes <size>", "what its process may take, such as 12GB", byteSize)
    .option("--ttl-seconds <number>", "unload after so long without a request; 0: never", wholeNumber(0))
    .option("--pinned", "never unload it to make room")
    .option("--no-pinned", "it may be unloaded (the default)")
    .option("--auto-start", "start it with the service")
    .option("--no-auto-start", "start it when it is asked for (the default)");
}

/** For `edit`: takes a value away, so that the default counts again. May be given more than once. */
export function addUnsetOption(command: Command): Command {
  const known = ["systemPrompt", ...profileKeys];
  const collect = (text: string, earlier: readonly string[] = []): string[] => {
    const key = text.replace(/-(\w)/g, (_whole, letter: string) => letter.toUpperCase());
    if (!known.includes(key)) throw new InvalidArgumentError(`Allowed: ${known.map(kebab).join(", ")}.`);
    return [...earlier, key];
  };
  return command.option("--unset <option>", "take a value away, for example temperature", collect);
}

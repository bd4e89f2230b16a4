import { lstatSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../platform/errors.ts";

const longestConfig = 1024 * 1024;
const fineTuneTypes = ["lora", "dora", "full"];

/**
 * Whether a folder holds an adapter as the engine reads it. Three small looks at the disk, on purpose in one turn: a
 * profile is checked and stored together.
 * @throws AppError `invalid_request` that says what the folder lacks.
 */
export function checkAdapterFolder(path: string): void {
  if (!isFolder(path)) throw wrong("There is no folder at the adapter's path. Check it; links are not followed.");
  const config = readConfig(join(path, "adapter_config.json"));
  if (!isFile(join(path, "adapters.safetensors")))
    throw wrong("The adapter's folder has no adapters.safetensors, so it is no adapter that MLX reads.");
  if (config["peft_type"] !== undefined)
    throw wrong("This is an adapter of PEFT, in another format. Train or convert it with mlx_lm.");
  const type = config["fine_tune_type"] ?? "lora";
  if (typeof type !== "string" || !fineTuneTypes.includes(type))
    throw wrong(`The adapter is of an unknown kind. Known: ${fineTuneTypes.join(", ")}.`);
  const isComplete = typeof config["num_layers"] === "number" && isObject(config["lora_parameters"]);
  if (type !== "full" && !isComplete)
    throw wrong("The adapter's adapter_config.json names no num_layers and lora_parameters.");
}

function readConfig(file: string): Record<string, unknown> {
  if (!isFile(file)) throw wrong("The adapter's folder has no adapter_config.json.");
  if (statSync(file).size > longestConfig) throw wrong("The adapter's adapter_config.json is too long.");
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw wrong("The adapter's adapter_config.json cannot be read.", error);
  }
  if (isObject(config)) return config;
  throw wrong("The adapter's adapter_config.json is not a JSON object.");
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** In the Hub cache files are links into the blobs: those are followed. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(message: string, cause?: unknown): AppError {
  return new AppError("invalid_request", message, { cause, details: { option: "adapterPath" } });
}

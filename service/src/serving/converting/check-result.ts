import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isWeightFile, parseObject, readSafetensorsHeader } from "../../library/models/index.ts";
import { AppError } from "../../platform/errors.ts";

/** Looks whether the folder holds a whole quantized model. @throws AppError `engine_failed` that says what is missing. */
export async function checkResult(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (!names.includes("config.json")) throw broken("it has no config.json");
  const config = parseObject(await readFile(join(folder, "config.json"), "utf8"));
  if (typeof config?.["quantization"] !== "object") throw broken("its config.json does not say how it is quantized");
  const weights = names.filter(isWeightFile);
  if (weights.length === 0) throw broken("it has no weights");
  for (const name of weights) {
    const header = await readSafetensorsHeader(join(folder, name));
    const { size } = await stat(join(folder, name));
    if (header === null || header.sizeBytes !== size) throw broken(`${name} is not whole`);
  }
  if (!names.some((name) => name.startsWith("tokenizer"))) throw broken("it has no tokenizer");
}

function broken(what: string): AppError {
  return new AppError("engine_failed", `The conversion made no usable model: ${what}. Try again; its log says more.`);
}

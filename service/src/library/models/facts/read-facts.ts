import { join } from "node:path";
import { capabilitiesOf } from "./capabilities.ts";
import { architectureOf, chatTemplateOf, contextLengthOf, hasCustomCode, vocabularySizeOf } from "./config-facts.ts";
import { readJsonObject, readText } from "../json-file.ts";
import { memoryShapeOf } from "../memory/kv-shape.ts";
import type { ModelFacts, ModelFile } from "../local-model.ts";
import { countParameters, elementBytesOf } from "./parameters.ts";
import type { Tensor } from "./parameters.ts";
import { effectiveBitsOf, quantizationOf } from "./quantization.ts";
import { readSafetensorsHeader } from "./safetensors-header.ts";

/** Reads a snapshot's facts from its small files and the heads of its weights. @param id only names the model. */
export async function readFacts(id: string, folder: string, files: readonly ModelFile[]): Promise<ModelFacts> {
  const names = files.map(({ path }) => path);
  const config = await readJsonObject(join(folder, "config.json"));
  const tokenizerConfig = await readJsonObject(join(folder, "tokenizer_config.json"));
  const chatTemplate = await readChatTemplate(folder, tokenizerConfig);
  const vocabulary = await readText(join(folder, "tokenizer.json"));
  const weights = names.filter(isWeightFile);
  const capabilities = capabilitiesOf({
    config,
    tags: [],
    pipelineTag: null,
    chatTemplate,
    hasToken: vocabulary === null ? null : (token) => vocabulary.includes(JSON.stringify(token)),
    files: names,
  });
  const tensors = await readTensors(folder, weights);
  const parameters = tensors === null ? null : countParameters(tensors, config ?? {});
  const weightBytes = files.reduce((sum, { path, sizeBytes }) => sum + (isWeightFile(path) ? sizeBytes : 0), 0);
  const quantization = quantizationOf(config, { name: id, tags: [] });
  return {
    architecture: architectureOf(config),
    parameters,
    quantization:
      quantization === null ? null : { ...quantization, effectiveBits: effectiveBitsOf(weightBytes, parameters) },
    contextLength: contextLengthOf(config, tokenizerConfig),
    capabilities,
    chatTemplate: chatTemplate !== null,
    vocabularySize: vocabularySizeOf(config),
    hasWeights: weights.length > 0,
    customCode: hasCustomCode(config),
    memory: memoryShapeOf(config, tensors === null ? null : elementBytesOf(tensors)),
  };
}

/** Weights as the engines find them, in the folder itself: not adapters, and not the second copy some publish. */
export function isWeightFile(path: string): boolean {
  return /^model[^/]*\.safetensors$/.test(path);
}

async function readChatTemplate(
  folder: string,
  tokenizerConfig: Record<string, unknown> | null,
): Promise<string | null> {
  const template = await readText(join(folder, "chat_template.jinja"));
  if (template !== null) return template;
  return chatTemplateOf(tokenizerConfig) ?? chatTemplateOf(await readJsonObject(join(folder, "chat_template.json")));
}

/** Names and shapes from the heads of all weights; null where one is no such file, or there are none. */
async function readTensors(folder: string, weights: readonly string[]): Promise<Map<string, Tensor> | null> {
  const tensors = new Map<string, Tensor>();
  for (const path of weights) {
    const header = await readSafetensorsHeader(join(folder, path));
    if (header === null) return null;
    for (const [name, tensor] of header.tensors) tensors.set(name, tensor);
  }
  return tensors.size === 0 ? null : tensors;
}

import { join } from "node:path";
import { capabilitiesOf } from "./capabilities.ts";
import { architectureOf, chatTemplateOf, contextLengthOf, hasCustomCode, vocabularySizeOf } from "./config-facts.ts";
import { readJsonObject, readText } from "./json-file.ts";
import { memoryShapeOf } from "./kv-shape.ts";
import type { ModelFacts, ModelFile } from "./local-model.ts";
import { countParameters } from "./parameters.ts";
import type { Tensor } from "./parameters.ts";
import { quantizationOf } from "./quantization.ts";
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
  return {
    architecture: architectureOf(config),
    parameters: await readParameters(folder, weights, config ?? {}),
    quantization: quantizationOf(config, { name: id, tags: [] }),
    contextLength: contextLengthOf(config, tokenizerConfig),
    capabilities,
    chatTemplate: chatTemplate !== null,
    vocabularySize: vocabularySizeOf(config),
    hasWeights: weights.length > 0,
    customCode: hasCustomCode(config),
    memory: memoryShapeOf(config),
  };
}

/** Weights as the engines find them: safetensors in the folder itself. */
export function isWeightFile(path: string): boolean {
  return path.endsWith(".safetensors") && !path.includes("/");
}

async function readChatTemplate(
  folder: string,
  tokenizerConfig: Record<string, unknown> | null,
): Promise<string | null> {
  const template = await readText(join(folder, "chat_template.jinja"));
  if (template !== null) return template;
  return chatTemplateOf(tokenizerConfig) ?? chatTemplateOf(await readJsonObject(join(folder, "chat_template.json")));
}

async function readParameters(
  folder: string,
  weights: readonly string[],
  config: Readonly<Record<string, unknown>>,
): Promise<number | null> {
  const tensors = new Map<string, Tensor>();
  for (const path of weights) {
    const header = await readSafetensorsHeader(join(folder, path));
    if (header === null) return null;
    for (const [name, tensor] of header.tensors) tensors.set(name, tensor);
  }
  return tensors.size === 0 ? null : countParameters(tensors, config);
}

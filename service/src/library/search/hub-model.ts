import type { Fit, HubModel } from "../../contract/hub.ts";
import type { HubEntry } from "../hub/index.ts";
import {
  architectureOf,
  capabilitiesOf,
  chatTemplateOf,
  contextLengthOf,
  fitOf,
  memoryShapeOf,
  quantizationOf,
  sizeOfListed,
} from "../models/index.ts";
import type { LocalModel, MemoryShape } from "../models/index.ts";

/** What this machine adds to a model of the Hub. */
export interface Surroundings {
  readonly here: boolean;
  readonly downloadId: string | null;
  readonly limitBytes: number;
  /** The context memory is predicted for. */
  readonly contextTokens: number;
}

/** What the model's own files say, where they were asked; a listing has only the Hub's index of them. */
export interface FileFacts {
  readonly weightBytes: number;
  readonly names: readonly string[];
  readonly config: Readonly<Record<string, unknown>> | null;
}

export function hubModel(entry: HubEntry, around: Surroundings, files: FileFacts | null = null): HubModel {
  const config = files?.config ?? entry.config;
  const name = entry.id.slice(entry.id.indexOf("/") + 1);
  const quantization = quantizationOf(config, { name, tags: entry.tags });
  const { parameters, weightBytes } = sizeOfListed({
    ...{ name, quantization, counts: entry.safetensors, updatedAt: entry.updatedAt },
    weightBytes: files?.weightBytes ?? null,
  });
  const tokenizerConfig = objectIn(entry.config, "tokenizer_config");
  const contextLength = contextLengthOf(config, tokenizerConfig);
  return {
    id: entry.id,
    author: entry.author,
    sizeBytes: weightBytes,
    sizeIsEstimate: files === null,
    parameters,
    quantization,
    architecture: architectureOf(config),
    contextLength,
    capabilities: capabilitiesOf({
      ...{ config, tags: entry.tags, pipelineTag: entry.pipelineTag, hasToken: null, files: files?.names ?? [] },
      chatTemplate: chatTemplateOf(tokenizerConfig),
    }),
    downloads: entry.downloads,
    likes: entry.likes,
    gated: entry.gated,
    private: entry.private,
    updatedAt: entry.updatedAt,
    here: around.here,
    downloadId: around.downloadId,
    fit: fitFor(memoryShapeOf(config), weightBytes, contextLength, around),
  };
}

/** A local model as a search result, for offline mode: what only the Hub knows is null. */
export function localHubModel(model: LocalModel, around: Surroundings): HubModel {
  const { id, facts, weightBytes } = model;
  const { parameters, quantization, architecture, contextLength, capabilities } = facts;
  return {
    ...{ id, parameters, quantization, architecture, contextLength, capabilities },
    author: id.slice(0, id.indexOf("/")),
    sizeBytes: weightBytes,
    sizeIsEstimate: false,
    downloads: null,
    likes: null,
    gated: "no",
    private: false,
    updatedAt: null,
    here: around.here,
    downloadId: around.downloadId,
    fit: fitFor(facts.memory, weightBytes, contextLength, around),
  };
}

function fitFor(
  shape: MemoryShape | null,
  weightBytes: number | null,
  modelContext: number | null,
  { limitBytes, contextTokens }: Surroundings,
): Fit {
  return fitOf(shape, { weightBytes, contextTokens, limitBytes, modelContext });
}

function objectIn(config: Readonly<Record<string, unknown>> | null, key: string): Record<string, unknown> | null {
  const value = config?.[key];
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
}

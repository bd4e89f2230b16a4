import type { Capability, Quantization } from "../../contract/hub.ts";
import type { HubEntry, RepositoryDetails } from "../hub/index.ts";
import {
  architectureOf,
  capabilitiesOf,
  chatTemplateOf,
  contextLengthOf,
  effectiveBitsOf,
  hasCustomCode,
  isWeightFile,
  memoryShapeOf,
  quantizationOf,
  sizeOfListed,
} from "../models/index.ts";
import type { MemoryShape } from "../models/index.ts";
import { downloadedBytes } from "./download-size.ts";

/** What the Hub knows of a model, without this machine: plain data, kept in the database. */
export interface HubFacts extends StaticFacts {
  readonly id: string;
  readonly gated: "no" | "auto" | "manual";
  readonly private: boolean;
  readonly downloads: number | null;
  readonly likes: number | null;
  readonly trending: number | null;
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  readonly commit: string | null;
  readonly license: string | null;
  readonly baseModel: string | null;
  readonly baseRelation: string | null;
}

/** The part that files decide: the same as long as the commit is. */
export interface StaticFacts {
  /** Of a download. An estimate in a listing: the weights, as far as its counts tell. */
  readonly sizeBytes: number | null;
  readonly weightBytes: number | null;
  readonly parameters: number | null;
  readonly quantization: Quantization | null;
  readonly architecture: string | null;
  readonly customCode: boolean;
  readonly contextLength: number | null;
  readonly capabilities: Capability[];
  readonly memory: MemoryShape | null;
  /** From the files' own sizes and the whole `config.json`, not from the Hub's index of them. */
  readonly detailed: boolean;
}

type Config = Readonly<Record<string, unknown>>;

/** Facts as a listing has them. */
export function listedFacts(entry: HubEntry): HubFacts {
  return { ...changingFacts(entry), ...staticFacts(entry, entry.config, { sizeBytes: null, weightBytes: null }) };
}

/**
 * Facts as a repository's own page has them.
 * @param config the whole `config.json`; null where it is missing or may not be read: then the Hub's index must do.
 */
export function detailedFacts(details: RepositoryDetails, config: Config | null): HubFacts {
  const weights = details.sizes.filter(({ path }) => isWeightFile(path));
  // Weights of another kind (`.npz`) are none that our engines load, and nothing to predict memory from.
  const weightBytes = weights.length === 0 ? null : weights.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  const sizes = { sizeBytes: downloadedBytes(details.sizes), weightBytes };
  return { ...changingFacts(details), ...staticFacts(details, config ?? details.config, sizes), detailed: true };
}

function changingFacts(entry: HubEntry) {
  const { id, gated, downloads, likes, trending, createdAt, updatedAt, commit, license } = entry;
  return {
    ...{ id, gated, downloads, likes, trending, createdAt, updatedAt, commit, license },
    private: entry.private,
    baseModel: entry.baseModel,
    baseRelation: entry.baseRelation,
  };
}

function staticFacts(
  entry: HubEntry,
  config: Config | null,
  exact: { readonly sizeBytes: number | null; readonly weightBytes: number | null },
): StaticFacts {
  const name = entry.id.slice(entry.id.indexOf("/") + 1);
  const named = quantizationOf(config, { name, tags: entry.tags });
  const { parameters, weightBytes } = sizeOfListed({
    ...{ name, quantization: named, counts: entry.safetensors, updatedAt: entry.updatedAt },
    weightBytes: exact.weightBytes,
  });
  const tokenizerConfig = objectIn(entry.config, "tokenizer_config");
  const separateTemplate = entry.config?.["chat_template_jinja"];
  return {
    sizeBytes: exact.sizeBytes ?? weightBytes,
    weightBytes,
    parameters,
    quantization: named === null ? null : { ...named, effectiveBits: effectiveBitsOf(weightBytes, parameters) },
    architecture: architectureOf(config),
    customCode: hasCustomCode(config),
    contextLength: contextLengthOf(config, tokenizerConfig),
    capabilities: capabilitiesOf({
      ...{ config, tags: entry.tags, pipelineTag: entry.pipelineTag, hasToken: null, files: entry.files },
      chatTemplate: chatTemplateOf(tokenizerConfig) ?? (typeof separateTemplate === "string" ? separateTemplate : null),
    }),
    memory: memoryShapeOf(config),
    detailed: false,
  };
}

function objectIn(config: Config | null, key: string): Config | null {
  const value = config?.[key];
  return typeof value === "object" && value !== null ? (value as Config) : null;
}

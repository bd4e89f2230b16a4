import type { Capability, Quantization } from "../../contract/hub.ts";
import type { ModelPartial } from "../../contract/models.ts";
import type { MemoryShape } from "./memory/memory-shape.ts";

/** What the files of one revision tell. */
export interface ModelFacts {
  readonly architecture: string | null;
  /** Logical count: packed quantized weights are counted as what they stand for. */
  readonly parameters: number | null;
  readonly quantization: Quantization | null;
  readonly contextLength: number | null;
  readonly capabilities: Capability[];
  readonly chatTemplate: boolean;
  readonly vocabularySize: number | null;
  readonly hasWeights: boolean;
  /** Brings Python of its own, which nothing runs without the user's word. */
  readonly customCode: boolean;
  /** What it will use while it runs, besides its weights. */
  readonly memory: MemoryShape | null;
}

export interface LocalRevision {
  /** Commit sha; content hash outside the Hub. */
  readonly revision: string;
  readonly refs: string[];
  readonly sizeBytes: number;
  readonly complete: boolean;
  /** Bytes that no other revision and no other model uses. */
  readonly exclusiveBytes: number;
  /** Absolute snapshot folder. */
  readonly path: string;
}

export interface LocalModel {
  readonly id: string;
  readonly source: "hub-cache" | "built-in" | "folder" | "converted";
  readonly demo: boolean;
  /** Absolute folder; never shown to clients. */
  readonly location: string;
  /** On disk, a blob that several revisions share counted once, unfinished parts included. */
  readonly sizeBytes: number;
  readonly weightBytes: number;
  readonly complete: boolean;
  readonly partial: ModelPartial | null;
  /** Why it cannot run as it is, with the next step. */
  readonly problem: string | null;
  /** When every file of `main` was last found right. */
  readonly verifiedAt: string | null;
  /** The commit of `main` on the Hub, when last asked. */
  readonly latestRevision: string | null;
  /** The one `main` means first, then newest first. */
  readonly revisions: LocalRevision[];
  readonly facts: ModelFacts;
  readonly addedAt: string;
  readonly usedAt: string | null;
}

export interface ModelFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Name of its blob in the cache; null where the layout keeps none. */
  readonly blobId: string | null;
}

export interface LocatedModel {
  readonly model: string;
  /** Resolved: a sha or a content hash. */
  readonly revision: string;
  readonly path: string;
  readonly weightBytes: number;
  readonly facts: ModelFacts;
}

export const noFacts: ModelFacts = {
  architecture: null,
  parameters: null,
  quantization: null,
  contextLength: null,
  capabilities: [],
  chatTemplate: false,
  vocabularySize: null,
  hasWeights: false,
  customCode: false,
  memory: null,
};

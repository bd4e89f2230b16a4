/** Layers that cache alike. Everything is counted for one sequence. */
export interface CachedLayers {
  readonly layers: number;
  /** What one layer keeps per token: keys and values, or a latent and its key. */
  readonly rows: readonly CachedRows[];
  /** A sliding window: at most so many tokens are kept. Null: all of the context. */
  readonly window: number | null;
  /** Bytes one layer keeps whatever the context is: the state of a recurrent layer. */
  readonly stateBytes: number;
  /** Whether the engine can quantize this cache: it can where keys and values are kept whole and for good. */
  readonly quantizable: boolean;
}

/** A row of `width` elements for each of `heads`. */
export interface CachedRows {
  readonly heads: number;
  readonly width: number;
}

/**
 * What the engine holds for a moment while it reads a step of the prompt, in bytes. One layer works at a time, so this
 * is no sum over layers.
 */
export interface StepScratch {
  readonly perStepToken: number;
  /** Per token of the step and token of the context: attention scores, where no kernel avoids writing them down. */
  readonly perPair: number;
  /** Per token of the context: keys and values made anew from a latent. */
  readonly perContextToken: number;
}

/** What a model keeps in memory besides its weights; small and plain, so that it can be stored with other facts. */
export interface MemoryShape {
  /** `plain`: the architecture is not known to us, and each layer is taken to keep the whole context. */
  readonly basis: "architecture" | "plain";
  readonly layers: readonly CachedLayers[];
  /** Bytes of one cached element: 2, or 4 for models that compute in float32. */
  readonly elementBytes: number;
  readonly heads: number;
  readonly scratch: StepScratch;
}

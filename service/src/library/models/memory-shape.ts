/** Layers that cache alike. Everything is counted for one sequence. */
export interface CachedLayers {
  readonly layers: number;
  /** What is kept per token, in rows of `width` elements for each of `heads`: keys and values, or a latent and its key. */
  readonly rows: readonly CachedRows[];
  /** A sliding window: at most so many tokens are kept. Null: all of the context. */
  readonly window: number | null;
  /** Bytes one layer keeps whatever the context is: the state of a recurrent layer. */
  readonly stateBytes: number;
}

export interface CachedRows {
  readonly heads: number;
  readonly width: number;
}

/** What a model keeps in memory besides its weights; small and plain, so that it can be stored with other facts. */
export interface MemoryShape {
  /** `plain`: the architecture is not known to us, and each layer is taken to keep the whole context. */
  readonly basis: "architecture" | "plain";
  readonly layers: readonly CachedLayers[];
  /** Bytes of one cached element: 2, or 4 for models that compute in float32. */
  readonly elementBytes: number;
  /** What the engine holds for a moment for each token of a step through the prompt. */
  readonly stepBytesPerToken: number;
}

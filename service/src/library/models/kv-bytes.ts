import type { CachedLayers, CachedRows, MemoryShape } from "./memory-shape.ts";

/** The engine enlarges its caches by so many tokens at a time. */
const cacheStep = 256;

/** Numbers that share a scale and a bias in a quantized cache. */
const quantizedGroup = 64;

/** How many bits a cached number takes where the engine quantizes its cache; null = it does not. */
export type KvBits = 4 | 8 | null;

/** Bytes of all caches after `contextTokens` tokens of one sequence. */
export function kvBytesOf(shape: MemoryShape, contextTokens: number, kvBits: KvBits = null): number {
  const rounded = Math.ceil(contextTokens / cacheStep) * cacheStep;
  return shape.layers.reduce(
    (total, layers) => total + layers.layers * layerBytes(layers, rounded, shape.elementBytes, kvBits),
    0,
  );
}

function layerBytes({ rows, window, stateBytes }: CachedLayers, tokens: number, elementBytes: number, bits: KvBits) {
  const kept = window === null ? tokens : Math.min(tokens, window);
  const perToken = rows.reduce((total, row) => total + row.heads * rowBytes(row, elementBytes, bits), 0);
  return stateBytes + kept * perToken;
}

function rowBytes({ width }: CachedRows, elementBytes: number, bits: KvBits): number {
  return bits === null ? width * elementBytes : (width * bits) / 8 + 2 * (width / quantizedGroup) * elementBytes;
}

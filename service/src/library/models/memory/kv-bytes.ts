import type { CachedLayers, CachedRows, MemoryShape } from "./memory-shape.ts";

/** The engine enlarges its caches by so many tokens at a time. */
const cacheStep = 256;

/** Numbers that share a scale and a bias in a quantized cache; the engine's default. */
const quantizedGroup = 64;

/** How many bits a cached number takes where the engine quantizes its cache; null = it does not. */
export type KvBits = 4 | 8 | null;

/** Bytes of all caches after `contextTokens` tokens of one sequence. */
export function kvBytesOf(shape: MemoryShape, contextTokens: number, kvBits: KvBits = null): number {
  const rounded = Math.ceil(contextTokens / cacheStep) * cacheStep;
  const bytes = shape.layers.reduce(
    (total, layers) => total + layers.layers * layerBytes(layers, rounded, shape.elementBytes, kvBits),
    0,
  );
  return Math.ceil(bytes);
}

/**
 * What sliding windows hold besides while the prompt is read: they take in a whole step before they let go of what slid
 * out.
 */
export function windowSlackBytes(shape: MemoryShape, contextTokens: number, stepTokens: number): number {
  const bytes = shape.layers.reduce((total, { layers, window, rows }) => {
    const beyond = window === null ? 0 : Math.max(0, contextTokens - window);
    return total + layers * Math.min(stepTokens - 1, beyond) * rowBytes(rows, shape.elementBytes, null);
  }, 0);
  return Math.ceil(bytes);
}

function layerBytes(layer: CachedLayers, tokens: number, elementBytes: number, bits: KvBits): number {
  const kept = layer.window === null ? tokens : Math.min(tokens, layer.window);
  return layer.stateBytes + kept * rowBytes(layer.rows, elementBytes, layer.quantizable ? bits : null);
}

function rowBytes(rows: readonly CachedRows[], elementBytes: number, bits: KvBits): number {
  return rows.reduce((total, { heads, width }) => total + heads * elements(width, elementBytes, bits), 0);
}

function elements(width: number, elementBytes: number, bits: KvBits): number {
  return bits === null ? width * elementBytes : (width * bits) / 8 + 2 * (width / quantizedGroup) * elementBytes;
}

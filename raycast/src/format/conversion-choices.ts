import type { ConversionMode, ConversionRecipe } from "../api/schemas.ts";

interface Choice {
  bits: readonly number[];
  groupSizes: readonly number[];
  usual: { bits: number; groupSize: number };
}

/** What each mode can be asked for; a test holds it against the service's own table. */
export const conversionChoices: Record<ConversionMode, Choice> = {
  affine: { bits: [2, 3, 4, 5, 6, 8], groupSizes: [32, 64, 128], usual: { bits: 4, groupSize: 64 } },
  mxfp4: { bits: [4], groupSizes: [32], usual: { bits: 4, groupSize: 32 } },
  mxfp8: { bits: [8], groupSizes: [32], usual: { bits: 8, groupSize: 32 } },
  nvfp4: { bits: [4], groupSizes: [16], usual: { bits: 4, groupSize: 16 } },
};

/** Layers that matter more get the higher number of bits. Of the mode affine alone. */
export const conversionRecipes: readonly ConversionRecipe[] = ["mixed_2_6", "mixed_3_4", "mixed_3_6", "mixed_4_6"];

/** `4 bits`, or `3 and 6 bits, mixed`. */
export function bitsTitle(value: string): string {
  const [, low, high] = /^mixed_(\d)_(\d)$/.exec(value) ?? [];
  return low === undefined || high === undefined ? `${value} bits` : `${low} and ${high} bits, mixed`;
}

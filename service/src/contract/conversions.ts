import * as z from "zod";
import { ModelId } from "./common.ts";

/** Bits and group sizes that each mode has, as `mlx_lm.convert` takes them. */
export const conversionModes = {
  affine: { bits: [2, 3, 4, 5, 6, 8], groupSizes: [32, 64, 128], usual: { bits: 4, groupSize: 64 } },
  mxfp4: { bits: [4], groupSizes: [32], usual: { bits: 4, groupSize: 32 } },
  mxfp8: { bits: [8], groupSizes: [32], usual: { bits: 8, groupSize: 32 } },
  nvfp4: { bits: [4], groupSizes: [16], usual: { bits: 4, groupSize: 16 } },
} as const;

export const ConversionMode = z
  .enum(Object.keys(conversionModes) as [keyof typeof conversionModes])
  .meta({ id: "ConversionMode" });
export type ConversionMode = z.infer<typeof ConversionMode>;

/** Layers that matter more get the higher of the two numbers of bits. */
export const ConversionRecipe = z
  .enum(["mixed_2_6", "mixed_3_4", "mixed_3_6", "mixed_4_6"])
  .meta({ id: "ConversionRecipe" });
export type ConversionRecipe = z.infer<typeof ConversionRecipe>;

export const ConversionDtype = z.enum(["float16", "bfloat16", "float32"]).meta({ id: "ConversionDtype" });

export const ModelConvert = z
  .strictObject({
    bits: z.int().min(2).max(8).optional().meta({ description: "Left out: the mode's own, 4 or 8." }),
    groupSize: z.int().optional().meta({ description: "Weights that share a scale. Left out: the mode's own." }),
    mode: ConversionMode.default("affine"),
    dtype: ConversionDtype.optional().meta({
      description: "Of what is not quantized. Left out: what the model's config names.",
    }),
    recipe: ConversionRecipe.optional().meta({ description: "In place of `bits`, with the mode `affine`." }),
    name: z
      .string()
      .min(1)
      .max(96)
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, "must be letters, digits, dots, dashes and underscores")
      .optional()
      .meta({ description: "Its name under `local/`. Left out: the model's, with what it becomes." }),
  })
  .superRefine(({ mode, bits, groupSize, recipe }, context) => {
    const { bits: known, groupSizes } = conversionModes[mode];
    const refuse = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
    if (recipe !== undefined && mode !== "affine") refuse("recipe", "is for the mode affine alone");
    if (recipe !== undefined && bits !== undefined) refuse("bits", "follow from the recipe; leave one of them out");
    if (bits !== undefined && !(known as readonly number[]).includes(bits))
      refuse("bits", `the mode ${mode} has ${known.join(", ")}`);
    if (groupSize !== undefined && !(groupSizes as readonly number[]).includes(groupSize))
      refuse("groupSize", `the mode ${mode} has ${groupSizes.join(", ")}`);
  })
  .meta({ id: "ModelConvert" });
export type ModelConvert = z.infer<typeof ModelConvert>;

/** What a converted model was made from. */
export const ModelParent = z
  .strictObject({ model: ModelId, revision: z.string().meta({ description: "The commit, or the content hash." }) })
  .meta({ id: "ModelParent" });
export type ModelParent = z.infer<typeof ModelParent>;

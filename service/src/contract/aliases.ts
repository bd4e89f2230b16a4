import * as z from "zod";
import { ModelId, OpaqueId } from "./common.ts";

/** A name that clients write, or a pattern of such names: `*` stands for any text. */
export const AliasName = z
  .string()
  .min(1)
  .max(200)
  .meta({ id: "AliasName", examples: ["gpt-4o", "claude-*-haiku*"] });

export const Alias = z
  .strictObject({
    name: AliasName,
    target: z.string().meta({ description: "A profile's slug, a model, or `model@revision`." }),
    isPattern: z.boolean().meta({ description: "Answers every name that fits, unless a more specific one does." }),
    model: ModelId.nullable().meta({ description: "What answers now; null: the target is not here." }),
    profileId: OpaqueId.nullable(),
  })
  .meta({ id: "Alias" });
export type Alias = z.infer<typeof Alias>;

export const AliasList = z
  .strictObject({ items: z.array(Alias) })
  .meta({ id: "AliasList", description: "The most specific first: of two that fit a name, the first one answers." });

/** The rest of the path, as its decoded segments. */
export const AliasParams = z.strictObject({
  name: z
    .array(z.string().max(200))
    .min(1)
    .max(20)
    .meta({ override: { type: "string" }, description: "The alias; slashes may be encoded or not." }),
});
export const AliasSet = z.strictObject({ target: z.string().min(1).max(200) }).meta({ id: "AliasSet" });

import * as z from "zod";
import { ModelId, OpaqueId, Slug } from "./common.ts";

/** What keeps the model that was asked for from answering; each is found before any engine is asked. */
export const RoutingReason = z
  .enum(["prompt-too-long", "model-not-here", "image-without-vision"])
  .meta({ id: "RoutingReason" });
export type RoutingReason = z.infer<typeof RoutingReason>;

export const RoutingRule = z
  .strictObject({
    when: RoutingReason,
    models: z
      .array(z.string().min(1).max(200))
      .min(1)
      .max(50)
      .optional()
      .meta({ description: "Only for these, by the name that was asked or what it means; `*` for any text." }),
    to: Slug.meta({ description: "The profile of the kind `remote` that answers instead." }),
  })
  .meta({ id: "RoutingRule" });
export type RoutingRule = z.infer<typeof RoutingRule>;

/** Why somebody else answered than was asked; null: nobody else did. */
export const RouteReason = z.enum([...RoutingReason.options, "session", "background"]).meta({ id: "RouteReason" });
export type RouteReason = z.infer<typeof RouteReason>;

export const RoutingQuestion = z
  .strictObject({
    model: z.string().max(400).nullable().default(null).meta({ description: "As a client would write it." }),
    prompt: z.string().max(2_000_000).default("").meta({ description: "Counted with the model's own tokenizer." }),
    promptTokens: z.int().min(0).max(100_000_000).optional().meta({ description: "In place of counting a prompt." }),
    images: z.int().min(0).max(100).default(0),
    session: z.string().max(200).nullable().default(null).meta({ description: "As `session` of a request's row." }),
  })
  .meta({ id: "RoutingQuestion" });
export type RoutingQuestion = z.infer<typeof RoutingQuestion>;

export const RoutingStep = z
  .strictObject({
    step: z.string().meta({ description: "What was looked at: a rule of the names, a check, or a routing rule." }),
    result: z.enum(["no", "yes", "skipped"]),
    text: z.string(),
  })
  .meta({ id: "RoutingStep" });
export type RoutingStep = z.infer<typeof RoutingStep>;

export const RoutingTest = z
  .strictObject({
    steps: z.array(RoutingStep),
    answer: z
      .strictObject({
        profileId: OpaqueId,
        name: z.string(),
        model: ModelId,
        kind: z.enum(["process", "cluster", "remote"]),
        revision: z.string(),
        route: RouteReason.nullable(),
      })
      .nullable()
      .meta({ description: "Who would answer; null: the request would be refused." }),
    error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
    headers: z.record(z.string(), z.string()).meta({ description: "What the answer's headers would say of it." }),
  })
  .meta({ id: "RoutingTest" });
export type RoutingTest = z.infer<typeof RoutingTest>;

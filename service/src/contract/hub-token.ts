import * as z from "zod";
import { Failure } from "./error.ts";

export const HubTokenSource = z.enum(["environment", "stored", "file"]).meta({
  id: "HubTokenSource",
  description: "`HF_TOKEN`, then the one stored by this service, then the file of `hf auth login`.",
});
export type HubTokenSource = z.infer<typeof HubTokenSource>;

/** The token in use, without the token. */
export const HubToken = z
  .strictObject({
    source: HubTokenSource.nullable().meta({ description: "Null without a token: public models need none." }),
    name: z.string().nullable().meta({ description: "The account, as the Hub names it; null where it is not known." }),
    problem: Failure.nullable().meta({ description: "Why it does not help, or could not be checked." }),
  })
  .meta({ id: "HubToken" });
export type HubToken = z.infer<typeof HubToken>;

export const HubTokenUpdate = z
  .strictObject({
    token: z
      .string()
      .regex(/^[\x21-\x7e]{1,2048}$/, "1 to 2048 visible ASCII characters without spaces")
      .meta({ format: "password", description: "Mirrors may use another form than `hf_…`." }),
  })
  .meta({ id: "HubTokenUpdate" });

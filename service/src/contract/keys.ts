import * as z from "zod";
import { OpaqueId, Timestamp } from "./common.ts";

export const KeyScope = z
  .enum(["admin", "inference"])
  .meta({ id: "KeyScope", description: "`inference`: asking models alone. `admin`: everything." });
export type KeyScope = z.infer<typeof KeyScope>;

const KeyName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}$/, "must be 1 to 64 of letters, digits, spaces and . _ @ -");

const AllowedModels = z
  .array(z.string().min(1).max(400))
  .min(1)
  .max(200)
  .nullable()
  .meta({ description: "Model ids and slugs of profiles that it may ask; null: every one." });

const RequestsPerMinute = z.int().min(1).max(1_000_000).nullable().meta({ description: "Null: no limit." });

export const ApiKey = z
  .strictObject({
    id: OpaqueId,
    name: z.string(),
    scope: KeyScope,
    models: AllowedModels,
    requestsPerMinute: RequestsPerMinute,
    createdAt: Timestamp,
    lastUsedAt: Timestamp.nullable().meta({ description: "Exact to some seconds." }),
    revokedAt: Timestamp.nullable(),
  })
  .meta({ id: "ApiKey", description: "A named key, without the key itself: nobody can show it again." });
export type ApiKey = z.infer<typeof ApiKey>;

export const ApiKeyCreate = z
  .strictObject({
    name: KeyName,
    scope: KeyScope.default("inference"),
    models: AllowedModels.default(null),
    requestsPerMinute: RequestsPerMinute.default(null),
  })
  .refine(({ scope, models }) => scope === "inference" || models === null, {
    message: "an admin key may change everything, so it cannot be kept to some models",
    path: ["models"],
  })
  .meta({ id: "ApiKeyCreate" });
export type ApiKeyCreate = z.infer<typeof ApiKeyCreate>;

export const ApiKeyCreated = ApiKey.extend({
  key: z.string().meta({ description: "The key. It is shown this once." }),
}).meta({ id: "ApiKeyCreated" });
export type ApiKeyCreated = z.infer<typeof ApiKeyCreated>;

export const ApiKeyList = z.strictObject({ items: z.array(ApiKey) }).meta({ id: "ApiKeyList" });
export const ApiKeyQuery = z.strictObject({
  revoked: z.stringbool().default(false).meta({ description: "Revoked ones too." }),
});
export const ApiKeyParams = z.strictObject({ id: OpaqueId });

import * as z from "zod";

/** ISO-8601 in UTC, as `Date.prototype.toISOString` writes it. */
export const Timestamp = z.iso.datetime().meta({ id: "Timestamp", description: "ISO-8601 time in UTC." });

/** `owner/name`, exact case, NFC. Ownerless Hub repositories are written `_/name`. */
export const modelIdPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}\/[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}$/;
export const ModelId = z
  .string()
  .regex(modelIdPattern, "must look like owner/name")
  .refine((id) => !id.includes("..") && !id.includes("--"), "must be a Hub repository id")
  .meta({ id: "ModelId", examples: ["mlx-community/Qwen3-4B-4bit", "mlx-manager/demo"] });

/** A branch, tag or commit; never a path that climbs. */
export const Revision = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_./-]*$/, "must be a branch, a tag, refs/pr/N or a commit")
  .refine((revision) => !revision.split("/").includes(".."), "must not contain ..")
  .meta({ id: "Revision", examples: ["main"] });

export const Bytes = z.int().nonnegative().meta({ id: "Bytes", description: "A size in bytes." });

export const Slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be 1 to 64 of a-z 0-9 . _ - and start with a letter or digit")
  .meta({ id: "Slug", examples: ["coder"] });

export const OpaqueId = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/)
  .meta({ id: "OpaqueId" });

/** Query part of every list: `limit` 1 to 200 (default 50) and an opaque `cursor`. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(2000).optional(),
};

/** The reply of every list. */
export function page<Item extends z.ZodType>(id: string, item: Item) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() }).meta({ id });
}

export const Empty = z.strictObject({}).meta({ id: "Empty" });

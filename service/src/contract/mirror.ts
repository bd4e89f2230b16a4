import * as z from "zod";
import { Timestamp } from "./common.ts";

/*
 * The Hub's own forms, as far as we speak them. They are the Hub's to define and grow, so replies are loose: what a
 * client may rely on is named, and more may come along.
 */

const parameter = z
  .union([z.string(), z.array(z.string())])
  .meta({ id: "HubParameter", description: "One value, or several by repeating the key." });
const optional = (...names: string[]) => Object.fromEntries(names.map((name) => [name, parameter.optional()]));

/** As the Hub takes them: keys that we do not know are ignored. */
export const MirrorListQuery = z.looseObject(
  optional("search", "author", "filter", "sort", "limit", "cursor", "expand", "full", "config", "cardData"),
);
export const MirrorModelQuery = z.looseObject(optional("blobs", "expand", "recursive", "cursor"));
export type MirrorQuery = Readonly<Record<string, unknown>>;

/** The path below a route that ends in one: decoded segments, of which one may hold slashes (`refs%2Fpr%2F1`). */
const rest = z.array(z.string().max(1000)).min(1).max(100);
export const MirrorModelParams = z.strictObject({
  path: rest.meta({
    override: { type: "string" },
    description:
      "`owner/name`, alone or with `/revision/{rev}`, `/tree/{rev}[/{folder}]`, `/refs`, `/paths-info/{rev}`.",
  }),
});
export const MirrorFileParams = z.strictObject({
  path: rest.meta({ override: { type: "string" }, description: "`owner/name/resolve/{rev}/{path of the file}`" }),
});

export const MirrorModel = z
  .looseObject({
    _id: z.string(),
    id: z.string(),
    sha: z.string().optional(),
    tags: z.array(z.string()).optional(),
    siblings: z.array(z.looseObject({ rfilename: z.string() })).optional(),
  })
  .meta({ id: "MirrorModel", description: "A model as the Hub describes it." });
export type MirrorModel = z.infer<typeof MirrorModel>;

export const MirrorEntry = z
  .looseObject({
    type: z.enum(["file", "directory"]),
    path: z.string(),
    size: z.int().nonnegative(),
    oid: z.string(),
    lfs: z.looseObject({ oid: z.string(), size: z.int().nonnegative(), pointerSize: z.int() }).optional(),
  })
  .meta({ id: "MirrorEntry", description: "A file or folder of a revision." });
export type MirrorEntry = z.infer<typeof MirrorEntry>;

const MirrorRef = z.strictObject({ name: z.string(), ref: z.string(), targetCommit: z.string() });
export const MirrorRefs = z
  .strictObject({
    branches: z.array(MirrorRef),
    tags: z.array(MirrorRef),
    converts: z.array(MirrorRef),
    pullRequests: z.array(MirrorRef),
  })
  .meta({ id: "MirrorRefs" });
export type MirrorRefs = z.infer<typeof MirrorRefs>;

export const MirrorModelList = z.array(MirrorModel).meta({ id: "MirrorModelList" });
export const MirrorAnswer = z
  .union([MirrorModel, z.array(MirrorEntry), MirrorRefs])
  .meta({ id: "MirrorAnswer", description: "By path: the model, the entries of a folder, or the refs." });

/** Sent as a form by Python's client and as JSON by the one for JavaScript. */
export const MirrorPathsQuestion = z
  .looseObject({ paths: z.union([z.string(), z.array(z.string()).max(10_000)]).default([]) })
  .meta({ id: "MirrorPathsQuestion" });
export const MirrorEntryList = z.array(MirrorEntry).meta({ id: "MirrorEntryList" });

export const MirrorAccount = z
  .strictObject({
    type: z.literal("user"),
    id: z.string(),
    name: z.string(),
    fullname: z.string(),
    orgs: z.array(z.never()),
    auth: z.strictObject({
      type: z.literal("access_token"),
      accessToken: z.strictObject({ displayName: z.string(), role: z.literal("read") }),
    }),
  })
  .meta({ id: "MirrorAccount" });
export type MirrorAccount = z.infer<typeof MirrorAccount>;

export const Peer = z
  .strictObject({
    name: z.string().meta({ description: "The other machine's name." }),
    address: z.string().meta({ description: "`HF_ENDPOINT` is this followed by `/hub`." }),
    version: z.string(),
    mirror: z.boolean().meta({ description: "Whether it shares its models." }),
    seenAt: Timestamp,
  })
  .meta({ id: "Peer" });
export type Peer = z.infer<typeof Peer>;

export const PeerList = z
  .strictObject({
    items: z.array(Peer),
    announcing: z.boolean().meta({ description: "Whether others can see this service." }),
    reason: z.string().nullable().meta({ description: "Why it does not announce itself, and what to do." }),
  })
  .meta({ id: "PeerList" });
export type PeerList = z.infer<typeof PeerList>;

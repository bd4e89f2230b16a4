import * as z from "zod";
import { Bytes } from "./common.ts";

/** What serves a profile: a process of this machine, the ranks of a cluster, or another service. */
export const ProfileKind = z.enum(["process", "cluster", "remote"]).meta({ id: "ProfileKind" });
export type ProfileKind = z.infer<typeof ProfileKind>;

const HeaderName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "must be the name of a header");
const HeaderValue = z.string().regex(/^[\x20-\x7e]{1,1000}$/, "must be visible ASCII characters");

const address = {
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .meta({ description: "What `/chat/completions` is added to, such as https://api.example.com/v1." }),
  model: z.string().min(1).max(300).meta({ description: "The model's name there." }),
  headers: z.record(HeaderName, HeaderValue).optional().meta({ description: "Sent with each request. No secrets." }),
};

export const RemoteAddress = z.strictObject(address).meta({ id: "RemoteAddress" });
export type RemoteAddress = z.infer<typeof RemoteAddress>;

export const ProfileRemote = z
  .strictObject({
    ...address,
    hasKey: z.boolean().meta({ description: "A key is stored for it. It is never shown." }),
  })
  .meta({ id: "ProfileRemote" });
export type ProfileRemote = z.infer<typeof ProfileRemote>;

/** One word of visible ASCII, as core/secrets takes it. Accepted only, never answered. */
export const RemoteKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,1500}$/, "must be 1 to 1500 visible ASCII characters without spaces")
  .meta({ id: "RemoteKey", writeOnly: true });

/** As ssh takes it: a name, an address, or one of them behind `user@`. It never looks like an option. */
const HostName = z
  .string()
  .max(255)
  .regex(/^(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.:_-]*$/, "must be a host as ssh takes it");
const Ip = z.union([z.ipv4(), z.ipv6()]);

export const ClusterHost = z
  .strictObject({
    host: HostName.meta({ description: "As ssh takes it; 127.0.0.1 is this machine and needs no ssh." }),
    ips: z.array(Ip).min(1).max(8).meta({ description: "Where the other ranks reach it." }),
    rdma: z
      .array(z.string().min(1).max(64).nullable())
      .max(16)
      .optional()
      .meta({ description: "JACCL: the device towards each rank, null for itself." }),
  })
  .meta({ id: "ClusterHost" });
export type ClusterHost = z.infer<typeof ClusterHost>;

export const ProfileCluster = z
  .strictObject({
    hosts: z
      .array(ClusterHost)
      .min(2)
      .max(16)
      .meta({ description: "One rank each. The first is this machine: it serves." }),
    mode: z.enum(["tensor", "pipeline"]).meta({ description: "Each layer over all ranks, or some layers on each." }),
    backend: z.enum(["ring", "jaccl", "jaccl-ring"]).meta({ description: "TCP, or RDMA over Thunderbolt 5." }),
    startingPort: z
      .int()
      .min(1024)
      .max(65_000)
      .optional()
      .meta({ description: "First port of the ranks among each other. Left out: one that is free here." }),
  })
  .meta({ id: "ProfileCluster" });
export type ProfileCluster = z.infer<typeof ProfileCluster>;

/** What one host of a cluster would hold, and whether it can. */
export const PlacementNode = z
  .strictObject({
    rank: z.int(),
    host: z.string(),
    weightBytes: Bytes.nullable(),
    kvBytes: Bytes.nullable(),
    neededBytes: Bytes.nullable().meta({ description: "Null: the model's files do not say." }),
    limitBytes: Bytes.nullable().meta({ description: "What models may take there; null when it was not asked." }),
    fits: z.boolean().nullable(),
    problems: z.array(z.string()).meta({ description: "What keeps this host from taking part, with the next step." }),
  })
  .meta({ id: "PlacementNode" });
export type PlacementNode = z.infer<typeof PlacementNode>;

export const Placement = z
  .strictObject({
    mode: z.enum(["tensor", "pipeline"]),
    contextTokens: z.int(),
    concurrency: z.int(),
    nodes: z.array(PlacementNode),
    problems: z.array(z.string()).meta({ description: "What keeps the model from being split like this." }),
    possible: z.boolean(),
  })
  .meta({ id: "Placement" });
export type Placement = z.infer<typeof Placement>;

export const PlacementRequest = z
  .strictObject({
    preflight: z.boolean().default(true).meta({ description: "Also ask each host over ssh." }),
  })
  .meta({ id: "PlacementRequest" });

import * as z from "zod";
import { readRepository } from "./entries.ts";
import type { Repository } from "./entries.ts";
import { notAHub } from "./failures.ts";
import type { HubAnswer } from "./hub-fetch.ts";

/** A repository with its files' sizes: all that one request tells. */
export interface RepositoryDetails extends Repository {
  readonly sizes: readonly FileSize[];
  /** Where its license can be read, if the card says so. */
  readonly licenseLink: string | null;
  readonly licenseName: string | null;
  /** How many calls the Hub still grants in the present window, and when that ends; null where it does not tell. */
  readonly quota: Quota | null;
}

export interface FileSize {
  readonly path: string;
  readonly sizeBytes: number;
  /** sha256 of LFS files, else the git blob's sha1. */
  readonly blobId: string;
}

export interface Quota {
  readonly left: number;
  readonly seconds: number;
}

/** `blobs=true` adds sizes to the plain answer; it cannot be combined with `expand`. */
export function detailsAddress(endpoint: string, name: string, revision: string | null): string {
  const path = revision === null ? name : `${name}/revision/${encodeURIComponent(revision)}`;
  return `${endpoint}/api/models/${path}?blobs=true`;
}

const expanded =
  "config createdAt downloads gated lastModified likes pipeline_tag private safetensors sha tags cardData";

/** A repository's facts without its files. */
export function repositoryAddress(endpoint: string, name: string, revision: string): string {
  const query = new URLSearchParams(expanded.split(" ").map((field): [string, string] => ["expand", field]));
  return `${endpoint}/api/models/${name}/revision/${encodeURIComponent(revision)}?${query}`;
}

const checksum = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);
const size = z.number().int().nonnegative();
const detailsSchema = z.object({
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: size.nullish(),
      blobId: checksum,
      lfs: z.object({ sha256: checksum, size }).nullish(),
    }),
  ),
  cardData: z
    .object({
      license_link: z.string().nullable().catch(null),
      license_name: z.string().nullable().catch(null),
    })
    .nullable()
    .catch(null),
});

/** @throws AppError `endpoint_not_a_hub` */
export function readDetails(answer: HubAnswer, endpoint: string): RepositoryDetails {
  const value = parsed(answer, endpoint);
  const repository = readAs(() => readRepository(value), endpoint);
  const { siblings, cardData } = readAs(() => detailsSchema.parse(value), endpoint);
  return {
    ...repository,
    sizes: siblings.map(({ rfilename, size: stored, blobId, lfs }) => ({
      path: rfilename,
      sizeBytes: lfs?.size ?? stored ?? 0,
      blobId: lfs?.sha256 ?? blobId,
    })),
    licenseLink: cardData?.license_link ?? null,
    licenseName: cardData?.license_name ?? null,
    quota: quotaOf(answer),
  };
}

/** @throws AppError `endpoint_not_a_hub` */
export function readRepositoryAnswer(answer: HubAnswer, endpoint: string): Repository {
  return readAs(() => readRepository(parsed(answer, endpoint)), endpoint);
}

/** `RateLimit: "api";r=489;t=21` of the Hub. */
function quotaOf(answer: HubAnswer): Quota | null {
  const found = /(?:^|;)\s*r=(\d+);\s*t=(\d+)/.exec(answer.header("ratelimit") ?? "");
  return found === null ? null : { left: Number(found[1]), seconds: Number(found[2]) };
}

function parsed({ text }: HubAnswer, endpoint: string): unknown {
  return readAs(() => JSON.parse(text) as unknown, endpoint);
}

/** JSON of a form that no Hub sends makes our readers throw: say what that means. */
function readAs<Result>(read: () => Result | null, endpoint: string): Result {
  let result: Result | null;
  try {
    result = read();
  } catch (error) {
    throw notAHub(endpoint, error);
  }
  if (result === null) throw notAHub(endpoint);
  return result;
}

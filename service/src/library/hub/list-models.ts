import type { HubSort } from "../../contract/hub.ts";
import { notAHub } from "./failures.ts";
import { readEntry } from "./entries.ts";
import type { HubEntry } from "./entries.ts";
import type { HubAnswer } from "./hub-fetch.ts";

export interface HubListQuery {
  readonly search: string;
  /** Empty = all. */
  readonly author: string;
  readonly sort: HubSort;
  readonly limit: number;
  /** Further tags that all must hold; `mlx` always does. */
  readonly tags?: readonly string[];
  /** The Hub's own cursor, as the page before gave it. */
  readonly cursor?: string | null;
}

export interface HubList {
  readonly entries: readonly HubEntry[];
  readonly nextCursor: string | null;
}

const sortNames = {
  downloads: "downloads",
  likes: "likes",
  updated: "lastModified",
  created: "createdAt",
  trending: "trendingScore",
  size: "mainSize",
} as const satisfies Record<HubSort, string>;

/** Sizes are not among them: the list has only the files' names. */
const fields =
  "config createdAt downloads gated lastModified likes pipeline_tag private safetensors sha siblings tags trendingScore";

/** The address of one page. Asked for by hand, as `@huggingface/hub` knows neither cursors nor trending scores. */
export function listAddress(endpoint: string, { search, author, sort, limit, tags = [], cursor }: HubListQuery) {
  const query = new URLSearchParams({ limit: String(limit), sort: sortNames[sort] });
  if (search !== "") query.set("search", search);
  if (author !== "") query.set("author", author);
  for (const tag of ["mlx", ...tags]) query.append("filter", tag);
  for (const field of fields.split(" ")) query.append("expand", field);
  if (cursor !== undefined && cursor !== null) query.set("cursor", cursor);
  return `${endpoint}/api/models?${query}`;
}

/** Reads a page. @throws AppError `endpoint_not_a_hub` */
export function readList({ text, next }: HubAnswer, endpoint: string): HubList {
  try {
    const entries = (JSON.parse(text) as unknown[]).map(readEntry).filter((entry) => entry !== null);
    return { entries, nextCursor: next === null ? null : new URL(next).searchParams.get("cursor") };
  } catch (error) {
    throw notAHub(endpoint, error);
  }
}

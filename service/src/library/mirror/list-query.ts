import type { MirrorQuery } from "../../contract/mirror.ts";
import type { LocalModel } from "../models/index.ts";
import { repositoryOf } from "./hub-paths.ts";
import { pipelineOf, tagsOf } from "./model-fields.ts";
import type { SharedRevision } from "./shared-library.ts";

/** The Hub's search, read from its parameters. */
export interface ListQuery {
  readonly words: readonly string[];
  readonly author: string | null;
  /** Each must be a tag. */
  readonly tags: readonly string[];
  readonly pipeline: string | null;
  /** Asks for what a mirror never has: gated models, or ones served by inference providers. */
  readonly isHopeless: boolean;
  readonly parameters: { readonly minimum: number; readonly maximum: number } | null;
  readonly sort: "modified" | "added";
  readonly limit: number;
  readonly cursor: string | undefined;
}

const largestPage = 500;
const usualPage = 100;

/** Lax, as the Hub is: what is not understood is ignored, and an order that nothing here tells is that of arrival. */
export function readListQuery(query: MirrorQuery): ListQuery {
  const limit = Number(first(query["limit"]) ?? usualPage);
  const range = first(query["num_parameters"]);
  const isGated = isOn(query["gated"]);
  return {
    words: all(query["search"]).flatMap((text) => text.toLowerCase().split(/\s+/).filter(Boolean)),
    author: first(query["author"]) || null,
    tags: [...all(query["filter"]), ...all(query["tags"])].flatMap((text) => text.split(",").filter(Boolean)),
    pipeline: first(query["pipeline_tag"]) || null,
    isHopeless: isGated || query["inference"] !== undefined || query["inference_provider"] !== undefined,
    parameters: range === undefined ? null : { minimum: edge(range, "min", 0), maximum: edge(range, "max", Infinity) },
    sort: first(query["sort"]) === "lastModified" ? "modified" : "added",
    limit: Number.isInteger(limit) && limit > 0 ? Math.min(limit, largestPage) : usualPage,
    cursor: first(query["cursor"]),
  };
}

/** What the id alone tells: most models of a large library are sorted out here, without a look at their files. */
export function isNamed({ id }: LocalModel, { words, author, isHopeless }: ListQuery): boolean {
  const name = repositoryOf(id).toLowerCase();
  if (isHopeless || !words.every((word) => name.includes(word))) return false;
  return author === null || id.toLowerCase().startsWith(`${author.toLowerCase()}/`);
}

export function isDescribed(revision: SharedRevision, { tags, pipeline, parameters }: ListQuery): boolean {
  const own = new Set(tagsOf(revision));
  if (!tags.every((tag) => own.has(tag))) return false;
  if (pipeline !== null && pipelineOf(revision) !== pipeline) return false;
  const count = revision.facts.parameters;
  return parameters === null || (count !== null && count >= parameters.minimum && count <= parameters.maximum);
}

/** Every value of a key, also in the form `key[]` that curl's documentation uses. */
export function valuesOf(query: MirrorQuery, key: string): string[] {
  return [...all(query[key]), ...all(query[`${key}[]`])].flatMap((text) => text.split(",").filter(Boolean));
}

export function isOn(value: unknown): boolean {
  return /^(1|true)$/i.test(first(value) ?? "");
}

function all(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === "string");
}

function first(value: unknown): string | undefined {
  return all(value)[0];
}

/** One side of `min:6B,max:128B`. */
function edge(range: string, side: "min" | "max", fallback: number): number {
  const [, digits, unit] = new RegExp(`${side}:([\\d.]+)([KMBT]?)`, "i").exec(range) ?? [];
  return digits === undefined ? fallback : Number(digits) * 1000 ** " KMBT".indexOf(unit?.toUpperCase() || " ");
}

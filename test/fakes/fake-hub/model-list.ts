import { acceptsToken, canSee } from "./access.ts";
import { answer, nextLink, refuse } from "./exchange.ts";
import type { Exchange, Headers } from "./exchange.ts";
import { expandValues, libraryName, modelFields, tagsOf, trendingScore } from "./model-facts.ts";
import type { Repository } from "./repository.ts";

const plainFields = "likes trendingScore private downloads tags pipeline_tag library_name createdAt".split(" ");
const fullFields = [...plainFields, "author", "gated", "disabled", "lastModified", "sha", "siblings"];

const sortKeys: Record<string, (repository: Repository) => number | string> = {
  createdAt: ({ definition }) => definition.createdAt ?? "",
  downloads: ({ definition }) => definition.downloads ?? 0,
  likes: ({ definition }) => definition.likes ?? 0,
  likes30d: ({ definition }) => definition.likes ?? 0,
  lastModified: ({ refs }) => refs.get("main")!.date,
  trendingScore: ({ definition }) => trendingScore(definition),
  num_parameters: ({ definition }) => definition.safetensors?.total ?? 0,
  mainSize: ({ refs }) => [...refs.get("main")!.files.values()].reduce((sum, file) => sum + file.size, 0),
  id: ({ definition }) => definition.id,
};

/** `GET /api/models` */
export function listModels(exchange: Exchange): void {
  if (!acceptsToken(exchange)) return;
  const { query } = exchange.record;
  const expand = [...query.getAll("expand"), ...query.getAll("expand[]")];
  const unknown = expand.find((name) => !expandValues.includes(name) || name === "usedStorage");
  const sort = query.get("sort") ?? "trendingScore";
  const keyOf = sortKeys[sort];
  const place = placeOf(query.get("cursor"));
  if (unknown !== undefined) return refuse(exchange, 400, undefined, `Invalid value for expand: ${unknown}`);
  if (expand.length > 0 && ["full", "config", "cardData"].some((name) => query.has(name)))
    return refuse(exchange, 400, undefined, "expand cannot be combined with full, config or cardData");
  if (!keyOf) return refuse(exchange, 400, undefined, `Invalid sort parameter: ${sort}`);
  if (place === "invalid") return refuse(exchange, 400, undefined, "Invalid cursor");

  const found = [...exchange.state.repositories.values()]
    .filter((repository) => canSee(exchange, repository) && fits(repository, query))
    .filter((repository) => place === null || isAfter(place, keyOf(repository), repository.definition.id))
    .sort((a, b) => descending(keyOf(a), keyOf(b)) || ascending(a, b));

  const end = Math.min(exchange.state.pageSizes.models, Number(query.get("limit") ?? Infinity) || Infinity);
  const names = expand.length > 0 ? [...new Set(expand)] : listedFields(query);
  const shown = found.slice(0, end);
  const page = shown.map((repository) => {
    const fields = modelFields(repository, repository.refs.get("main")!, names);
    return expand.length > 0 ? fields : { ...fields, modelId: repository.definition.id };
  });
  const last = shown.at(-1);
  const headers: Headers =
    last && end < found.length
      ? { link: nextLink(exchange, cursorAfter({ key: keyOf(last), id: last.definition.id })) }
      : {};
  answer(exchange, 200, page, headers);
}

function listedFields(query: URLSearchParams): string[] {
  const fields = isTrue(query.get("full")) ? [...fullFields] : [...plainFields];
  if (isTrue(query.get("config"))) fields.push("config");
  if (isTrue(query.get("cardData"))) fields.push("cardData");
  return fields;
}

function isTrue(value: string | null): boolean {
  return value !== null && /^(1|true)$/i.test(value);
}

function fits(repository: Repository, query: URLSearchParams): boolean {
  const { definition } = repository;
  const id = definition.id.toLowerCase();
  const words = query.getAll("search").flatMap((text) => text.toLowerCase().split(/\s+/));
  const author = query.get("author");
  const tags = new Set([...tagsOf(repository), libraryName(repository), definition.pipelineTag]);
  const filters = query.getAll("filter").flatMap((filter) => filter.split(","));
  const apps = query.getAll("apps").flatMap((names) => names.split(","));
  return (
    words.every((word) => id.includes(word)) &&
    (author === null || definition.id.startsWith(`${author}/`)) &&
    filters.every((filter) => tags.has(filter)) &&
    (query.get("pipeline_tag") ?? definition.pipelineTag) === definition.pipelineTag &&
    (apps.length === 0 || apps.some((app) => appsOf(repository).includes(app))) &&
    (query.get("gated") === null || isTrue(query.get("gated")) === Boolean(definition.gated)) &&
    isInRange(definition.safetensors?.total, query.get("num_parameters")) &&
    // Nothing here is served by an inference provider.
    query.get("inference") === null &&
    query.get("inference_provider") === null
  );
}

function appsOf(repository: Repository): string[] {
  const { apps, tags, pipelineTag } = repository.definition;
  if (apps) return apps;
  if (!tags?.includes("mlx")) return [];
  return pipelineTag === "text-generation" ? ["mlx-lm", "lmstudio"] : ["lmstudio"];
}

/** `min:6B,max:128B`, either part alone too. */
function isInRange(count: number | undefined, range: string | null): boolean {
  if (range === null) return true;
  if (count === undefined) return false;
  return [...range.matchAll(/(min|max):([\d.]+)([KMBT]?)/gi)].every(([, side, digits, unit]) => {
    const value = Number(digits) * 1000 ** " KMBT".indexOf(unit?.toUpperCase() || " ");
    return side === "min" ? count >= value : count <= value;
  });
}

function descending(a: number | string, b: number | string): number {
  return a < b ? 1 : a > b ? -1 : 0;
}

function ascending(a: Repository, b: Repository): number {
  return a.definition.id < b.definition.id ? -1 : 1;
}

/** Where a page ended: by the value that is sorted by, so that what moves meanwhile shifts nothing. */
interface Place {
  key: number | string;
  id: string;
}

function isAfter(place: Place, key: number | string, id: string): boolean {
  return key === place.key ? id > place.id : key < place.key;
}

/** Opaque to clients. The Hub's is a database query of this meaning, wrapped the same way. */
function cursorAfter(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function placeOf(cursor: string | null): Place | null | "invalid" {
  if (cursor === null) return null;
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString()) as Place;
  } catch {
    return "invalid";
  }
}

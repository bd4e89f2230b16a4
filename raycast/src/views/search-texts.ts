import type { HubFilters, HubSort } from "../api/schemas.ts";
import type { HubProvenance } from "../hooks/use-hub-search.ts";

export const SEARCH_PLACEHOLDER = "Search models on Hugging Face";

/** The dropdown beside the search bar, the first one being the default. */
export const SORTS: readonly { value: HubSort; title: string }[] = [
  { value: "downloads", title: "Most Downloads" },
  { value: "trending", title: "Trending" },
  { value: "likes", title: "Most Likes" },
  { value: "updated", title: "Recently Updated" },
  { value: "created", title: "Newest" },
  { value: "size", title: "Largest" },
];

/** Says above the results whose they are and what they must have. */
export function resultsTitle(author: string | undefined, filters: HubFilters): string {
  const name = author === undefined || author === "" ? "All Authors" : author;
  return [name, ...filterWords(filters)].join(" · ");
}

/** Each filter in a word or two. */
export function filterWords({ fits, bits, capability }: HubFilters): string[] {
  return [
    ...(fits === "true" ? ["Fits This Mac"] : []),
    ...(bits === undefined ? [] : [`${bits}-bit`]),
    ...(capability === undefined ? [] : [capability]),
  ];
}

/** Where the results come from when it is not the Hub; empty when it is. */
export function provenanceText({ source, stale, problem }: HubProvenance): string {
  if (source === "local") return "Offline: only what is known on this Mac";
  if (problem !== null) return `Earlier answer: ${problem.message}`;
  return stale ? "Earlier answer: the Hub is slow" : "";
}

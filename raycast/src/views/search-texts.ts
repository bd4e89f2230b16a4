import type { HubSort } from "../api/schemas.ts";

export const SEARCH_PLACEHOLDER = "Search models on Hugging Face";

/** The dropdown beside the search bar, the first one being the default. */
export const SORTS: readonly { value: HubSort; title: string }[] = [
  { value: "downloads", title: "Most Downloads" },
  { value: "trending", title: "Trending" },
  { value: "likes", title: "Most Likes" },
  { value: "updated", title: "Recently Updated" },
  { value: "created", title: "Newest" },
];

/** Says above the results whose they are and where they come from. */
export function resultsTitle(author: string | undefined, defaultAuthor: string | undefined): string {
  const name = author ?? defaultAuthor;
  return name === undefined || name === "" ? "All Authors" : name;
}

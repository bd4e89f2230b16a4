import type { HubSort } from "../../contract/hub.ts";
import { isFound } from "../models/index.ts";
import type { Models } from "../models/index.ts";
import type { SearchStore } from "./store.ts";

export interface LocalQuestion {
  readonly search: string;
  /** Empty = all. */
  readonly author: string;
  readonly sort: HubSort;
}

/** Without the Hub: the models of the library first, newest first, then all that earlier answers told of. */
export function localIds(
  models: Pick<Models, "all">,
  store: Pick<SearchStore, "idsWith">,
  { search, author, sort }: LocalQuestion,
): string[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const here = models.all().filter((model) => model.source === "hub-cache" && isFound(model, words));
  const ids = new Set([...here.map(({ id }) => id), ...store.idsWith(words, sort)]);
  return [...ids].filter((id) => author === "" || id.startsWith(`${author}/`));
}

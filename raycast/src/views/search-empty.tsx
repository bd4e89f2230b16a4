import { ActionPanel, Icon, List } from "@raycast/api";
import type { ReactNode } from "react";
import { errorText } from "../api/errors.ts";
import type { HubFilters, HubPage } from "../api/schemas.ts";

import { filterWords } from "./search-texts.ts";

interface Props {
  query: string;
  author: string | undefined;
  filters: HubFilters;
  source: HubPage["source"];
  error: unknown;
  children: ReactNode;
}

/** Why nothing is listed, and what to do about it. */
export function SearchEmpty({ query, author, filters, source, error, children }: Props) {
  const actions = <ActionPanel>{children}</ActionPanel>;
  if (error !== undefined) {
    const description = errorText(error);
    return <List.EmptyView icon={Icon.Warning} title="Search Failed" description={description} actions={actions} />;
  }
  const by = author === undefined || author === "" ? "" : ` by ${author}`;
  const description =
    source === "local"
      ? "Offline mode is on: only models known on this Mac are searched."
      : filterWords(filters).length > 0
        ? `Only models with: ${filterWords(filters).join(", ")}. Clear the filters to see more.`
        : by === ""
          ? "Try fewer or other words."
          : "Try other words, or search all authors.";
  const title = query.trim() === "" ? `No Models${by}` : `No Models${by} for “${query.trim()}”`;
  return <List.EmptyView icon={Icon.MagnifyingGlass} title={title} description={description} actions={actions} />;
}

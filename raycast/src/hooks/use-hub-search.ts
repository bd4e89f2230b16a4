import { useCachedPromise } from "@raycast/utils";
import { useRef, useState } from "react";
import { bodyOf } from "../api/client.ts";
import type { Client } from "../api/client.ts";
import type { HubModel, HubPage, HubSort } from "../api/schemas.ts";
import { showFailure } from "../feedback/failure-toast.ts";

export interface HubSearch {
  query: string;
  /** Undefined: the service's default author; empty: all. */
  author: string | undefined;
  sort: HubSort;
}

/** Pages of the Hub through the service: one request a page, the last results stay until new ones are here. */
export function useHubSearch(client: Client, { query, author, sort }: HubSearch) {
  const abortable = useRef<AbortController>(null);
  const [source, setSource] = useState<HubPage["source"]>("hub");

  const { data, isLoading, pagination, revalidate, error } = useCachedPromise(
    (text: string, by: string | undefined, order: HubSort) =>
      async ({ cursor }: { cursor?: string }) => {
        const { signal } = abortable.current ?? new AbortController();
        const params = {
          query: {
            query: text,
            sort: order,
            limit: 30,
            ...(by === undefined ? {} : { author: by }),
            ...(cursor === undefined ? {} : { cursor }),
          },
        };
        const page = await bodyOf(client.GET("/api/hub/models", { params, signal }));
        if (!signal.aborted) setSource(page.source);
        return { data: page.items, hasMore: page.nextCursor !== null, cursor: page.nextCursor ?? undefined };
      },
    [query.trim(), author, sort],
    {
      keepPreviousData: true,
      abortable,
      initialData: [] as HubModel[],
      onError: (failure) =>
        void showFailure("Search Failed", failure, { title: "Try Again", onAction: () => void revalidate() }),
    },
  );
  return { results: data, isLoading, pagination, source, error, revalidate };
}

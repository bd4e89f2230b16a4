import { useCachedPromise } from "@raycast/utils";
import { useRef, useState } from "react";
import { bodyOf } from "../api/client.ts";
import type { Client } from "../api/client.ts";
import type { HubFilters, HubModel, HubPage, HubSort } from "../api/schemas.ts";
import { showFailure } from "../feedback/failure-toast.ts";

export interface HubSearch {
  query: string;
  /** Undefined: the service's default author; empty: all. */
  author: string | undefined;
  sort: HubSort;
  /** What a result must have, besides. */
  filters: HubFilters;
}

/** Where the last page came from; `problem` says why the Hub itself did not answer. */
export type HubProvenance = Pick<HubPage, "source" | "stale" | "problem">;

/** Pages of the Hub through the service: one request a page, the last results stay until new ones are here. */
export function useHubSearch(client: Client, { query, author, sort, filters }: HubSearch) {
  const abortable = useRef<AbortController>(null);
  const [provenance, setProvenance] = useState<HubProvenance>({ source: "hub", stale: false, problem: null });

  const { data, isLoading, pagination, revalidate, error } = useCachedPromise(
    (text: string, by: string | undefined, order: HubSort, more: HubFilters) =>
      async ({ cursor }: { cursor?: string }) => {
        const { signal } = abortable.current ?? new AbortController();
        const params = {
          query: {
            query: text,
            sort: order,
            limit: 30,
            ...more,
            ...(by === undefined ? {} : { author: by }),
            ...(cursor === undefined ? {} : { cursor }),
          },
        };
        const page = await bodyOf(client.GET("/api/hub/models", { params, signal }));
        const { source, stale, problem } = page;
        if (!signal.aborted) setProvenance({ source, stale, problem });
        return { data: page.items, hasMore: page.nextCursor !== null, cursor: page.nextCursor ?? undefined };
      },
    [query.trim(), author, sort, filters],
    {
      keepPreviousData: true,
      abortable,
      initialData: [] as HubModel[],
      onError: (failure) =>
        void showFailure("Search Failed", failure, { title: "Try Again", onAction: () => void revalidate() }),
    },
  );
  return { results: data, isLoading, pagination, provenance, error, revalidate };
}

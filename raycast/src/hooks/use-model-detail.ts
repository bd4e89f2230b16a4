import { useCachedPromise } from "@raycast/utils";
import { useEffect, useRef, useState } from "react";
import { bodyOf, modelPath } from "../api/client.ts";
import type { Client } from "../api/client.ts";
import { errorText } from "../api/errors.ts";
import type { HubModelDetail } from "../api/schemas.ts";

/** A selection that rests this long is worth a request; one that passes by is not. */
const REST_MS = 300;

export interface ModelDetailState {
  detail: HubModelDetail | undefined;
  isLoading: boolean;
  /** Why there is no detail: it is said in the pane, a toast at every arrow key would be noise. */
  error: string | undefined;
}

/** Exact facts of the selected model; `id` undefined asks for nothing. */
export function useModelDetail(client: Client, id: string | undefined): ModelDetailState {
  const abortable = useRef<AbortController>(null);
  const rested = useRested(id);
  const { data, isLoading, error } = useCachedPromise(
    async (model: string) => {
      const { signal } = abortable.current ?? new AbortController();
      return await bodyOf(client.GET("/api/hub/models/{owner}/{name}", { params: { path: modelPath(model) }, signal }));
    },
    [rested ?? ""],
    { abortable, execute: rested !== undefined, onError: () => undefined },
  );
  const isFresh = rested === id && id !== undefined;
  return {
    detail: isFresh && data?.id === id ? data : undefined,
    isLoading: isFresh && isLoading,
    error: isFresh && error !== undefined ? errorText(error) : undefined,
  };
}

function useRested(id: string | undefined): string | undefined {
  const [rested, setRested] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => setRested(id), REST_MS);
    return () => clearTimeout(timer);
  }, [id]);
  return rested;
}

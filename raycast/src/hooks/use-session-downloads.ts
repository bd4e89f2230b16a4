import { useMemo, useRef } from "react";
import type { Download } from "../api/schemas.ts";
import { isActive } from "../format/download-state.ts";

/**
 * The downloads that stand above the results: all active ones, and those that failed while the user was looking, which
 * would otherwise vanish without a word.
 */
export function useSessionDownloads(downloads: readonly Download[]): readonly Download[] {
  const seenActive = useRef(new Set<string>());
  return useMemo(() => {
    for (const download of downloads) if (isActive(download)) seenActive.current.add(download.id);
    return downloads.filter((download) => {
      return isActive(download) || (download.state === "failed" && seenActive.current.has(download.id));
    });
  }, [downloads]);
}

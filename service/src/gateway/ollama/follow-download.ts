import type { Download, DownloadState } from "../../contract/downloads.ts";
import { AppError } from "../../platform/errors.ts";
import type { OllamaDependencies } from "./dependencies.ts";

type FollowDependencies = Pick<OllamaDependencies, "downloads" | "events"> &
  Partial<Pick<OllamaDependencies, "stopping">>;

const lastStates: ReadonlySet<DownloadState> = new Set(["completed", "failed", "cancelled"]);

/**
 * A download as it is now and whenever it changes, up to its end: the latest only, however slowly they are taken. The
 * download goes on whoever leaves. @throws AppError `service_stopping`
 */
export async function* followDownload(
  { downloads, events, stopping }: FollowDependencies,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<Download> {
  let latest: Download | null = downloads.get(id);
  let wake: () => void = () => undefined;
  const stop = events.listen((event) => {
    if (event.type !== "download.changed" && event.type !== "download.progress") return;
    if (event.data.id !== id) return;
    latest = event.data;
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener("abort", onAbort, { once: true });
  stopping?.addEventListener("abort", onAbort, { once: true });
  try {
    while (!signal.aborted) {
      const state: Download | null = latest;
      latest = null;
      if (state !== null) {
        yield state;
        if (lastStates.has(state.state)) return;
      } else if (stopping?.aborted) {
        throw new AppError("service_stopping", "MLX Manager is stopping. The download goes on at its next start.");
      } else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stop();
    signal.removeEventListener("abort", onAbort);
    stopping?.removeEventListener("abort", onAbort);
  }
}

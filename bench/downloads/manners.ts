import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Download } from "../../service/src/contract/downloads.ts";
import { serviceApi } from "../../test/tools/service-api.ts";
import { startServiceProcess } from "../../test/tools/service-process.ts";
import type { HubProcess } from "./hub-process.ts";

export interface Manners {
  /** Until the command was answered, and until the Hub sent nothing any more. */
  readonly pausedMs: number;
  readonly silentMs: number;
  readonly cancelledMs: number;
}

/** Pauses a download that runs over many connections, lets it go on, and cancels it. */
export async function measureManners(hub: HubProcess, main: string, folder: string, model: string): Promise<Manners> {
  const home = await mkdtemp(join(folder, "mlx-manager-bench-"));
  const service = await startServiceProcess({ main, home, environment: { HF_ENDPOINT: hub.url } });
  try {
    const api = serviceApi(service.address);
    const { id } = await api.send<Download>("POST", "/api/downloads", { model });
    const crowd = (): Promise<Download> =>
      api.until("downloads", ({ event }) =>
        event?.type === "download.progress" && event.data.id === id && event.data.connections >= 8 ? event.data : null,
      );
    await crowd();
    let began = performance.now();
    await api.send("POST", `/api/downloads/${id}/pause`);
    const pausedMs = performance.now() - began;
    await hub.silence();
    const silentMs = performance.now() - began;
    await api.send("POST", `/api/downloads/${id}/resume`);
    await crowd();
    began = performance.now();
    await api.send("DELETE", `/api/downloads/${id}`);
    return { pausedMs, silentMs, cancelledMs: performance.now() - began };
  } finally {
    await service.kill("SIGTERM");
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

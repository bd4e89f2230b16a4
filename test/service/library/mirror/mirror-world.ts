/** A service that shares what it downloaded from a fake Hub, in this process, and questions to it as bytes. */
import type { Download } from "../../../../service/src/contract/downloads.ts";
import type { Clock } from "../../../../service/src/platform/clock.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../../fakes/fake-hub/index.ts";
import type { RepoDefinition } from "../../../fakes/fake-hub/repo-definition.ts";
import { startTestService } from "../../../tools/compose-test.ts";
import type { TestService } from "../../../tools/compose-test.ts";
import { ask } from "../../../tools/raw-request.ts";
import type { RawAnswer, RawRequest } from "../../../tools/raw-request.ts";
import { serviceApi } from "../../../tools/service-api.ts";
import type { ServiceApi } from "../../../tools/service-api.ts";

export interface MirrorWorld {
  readonly hub: FakeHub;
  readonly service: TestService;
  readonly api: ServiceApi;
  ask(path: string, options?: Omit<RawRequest, "path">): Promise<RawAnswer>;
  download(model: string, revision?: string): Promise<Download>;
  close(): Promise<void>;
}

export interface MirrorWorldOptions {
  readonly repos: RepoDefinition[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
}

export async function startMirrorWorld({ repos, environment = {}, clock }: MirrorWorldOptions): Promise<MirrorWorld> {
  const hub = await startFakeHub({ repos });
  const service = await startTestService({
    engine: "none",
    environment: { HF_ENDPOINT: hub.url, ...environment },
    ...(clock ? { compose: { clock } } : {}),
  });
  const key = environment["MLX_MANAGER_API_KEY"];
  const api = serviceApi(service.address, key === undefined ? {} : { authorization: `Bearer ${key}` });
  await api.send("PATCH", "/api/settings", { mirrorEnabled: true });
  return {
    ...{ hub, service, api },
    ask: (path, options = {}) => ask(service.address, { ...options, path }),
    download: (model, revision) => downloaded(api, model, revision),
    async close() {
      await service.close();
      await hub.close();
    },
  };
}

/** Downloads to the end. @throws with its error when it fails. */
export async function downloaded(api: ServiceApi, model: string, revision = "main"): Promise<Download> {
  const begun = await api.send<Download>("POST", "/api/downloads", { model, revision });
  const ended = await whenEnded(api, begun.id);
  if (ended.state !== "completed") throw new Error(`${model} ended ${ended.state}: ${JSON.stringify(ended.error)}`);
  return ended;
}

export function whenEnded(api: ServiceApi, id: string): Promise<Download> {
  return api.until("downloads", ({ snapshot, event }) => {
    const all = [...(snapshot?.downloads ?? []), ...(event?.type === "download.changed" ? [event.data] : [])];
    return all.find((download) => download.id === id && ["completed", "failed", "cancelled"].includes(download.state));
  });
}

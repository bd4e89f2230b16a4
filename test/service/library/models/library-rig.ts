/** The whole service beside a fake Hub and Python's own client on the same cache. */
import { join } from "node:path";
import type { Download } from "../../../../service/src/contract/downloads.ts";
import type { ServerEvent } from "../../../../service/src/contract/events.ts";
import type { Job } from "../../../../service/src/contract/jobs.ts";
import type { ModelVerification } from "../../../../service/src/contract/library.ts";
import type { Model } from "../../../../service/src/contract/models.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub, FakeHubOptions } from "../../../fakes/fake-hub/index.ts";
import { startTestService } from "../../../tools/compose-test.ts";
import type { TestService, TestServiceOptions } from "../../../tools/compose-test.ts";
import { hf } from "../../../tools/hf-command.ts";
import { serviceApi } from "../../../tools/service-api.ts";
import type { ServiceApi } from "../../../tools/service-api.ts";

export interface Library {
  readonly hub: FakeHub;
  readonly service: TestService;
  readonly api: ServiceApi;
  readonly cache: string;
  /** Every event since the start. */
  readonly told: ServerEvent[];
  /** The first event that fits, of those told and those to come. */
  seen(fits: (event: ServerEvent) => boolean): Promise<ServerEvent>;
  /** The model, as soon as the service shows it so; looks again at each of its events. */
  shown(id: string, fits: (model: Model) => boolean): Promise<Model>;
  model(id: string): Promise<Model>;
  /** Downloads to the end. */
  fetch(id: string, revision?: string): Promise<Download>;
  /** Verifies to the end. */
  verify(id: string, revision?: string): Promise<{ job: Job; found: ModelVerification }>;
  job(id: string): Promise<Job>;
  /** Python's client on this cache; throws unless it ends well. */
  hf(...words: string[]): Promise<string>;
  close(): Promise<void>;
}

export interface LibraryOptions extends TestServiceOptions {
  readonly hub?: FakeHubOptions;
}

const resting = ["completed", "failed", "paused", "cancelled"];

export async function openLibrary(options: LibraryOptions = {}): Promise<Library> {
  const hub = await startFakeHub(options.hub);
  const service = await startTestService({ ...options, environment: { HF_ENDPOINT: hub.url, ...options.environment } });
  const api = serviceApi(service.address);
  const told: ServerEvent[] = [];
  const watchers = new Set<() => void>();
  service.service.events.listen((event) => {
    told.push(event);
    for (const look of [...watchers]) look();
  });
  const seen: Library["seen"] = (fits) =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = told.find(fits);
        if (!found) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      look();
    });
  const model: Library["model"] = (id) => api.get<Model>(`/api/models/${id}`);
  const job: Library["job"] = async (id) => {
    await seen(({ type, data }) => type === "job.changed" && data.id === id && data.finishedAt !== null);
    return await api.get<Job>(`/api/jobs/${id}`);
  };
  return {
    ...{ hub, service, api, told, seen, model, job, cache: join(service.home, "hub") },
    async shown(id, fits) {
      for (let from = 0; ;) {
        const count = told.length;
        if (service.service.models.find(id) !== null) {
          const now = await model(id);
          if (fits(now)) return now;
        }
        from = count;
        await seen((event) => told.indexOf(event) >= from && event.type === "model.changed" && event.data.id === id);
      }
    },
    async fetch(id, revision = "main") {
      const { id: download } = await api.send<Download>("POST", "/api/downloads", { model: id, revision });
      await seen(
        ({ type, data }) => type === "download.changed" && data.id === download && resting.includes(data.state),
      );
      return await api.get<Download>(`/api/downloads/${download}`);
    },
    async verify(id, revision) {
      const query = revision === undefined ? "" : `?revision=${encodeURIComponent(revision)}`;
      const started = await api.send<Job>("POST", `/api/models/${id}/verify${query}`);
      const ended = await job(started.id);
      return { job: ended, found: await api.get(`/api/models/${id}/verification${query}`) };
    },
    async hf(...words) {
      const { code, output } = await hf(words, { endpoint: hub.url, home: service.home });
      if (code !== 0) throw new Error(`hf ${words.join(" ")} ended with ${code}:\n${output}`);
      return output;
    },
    async close() {
      await service.close();
      await hub.close();
    },
  };
}

import type { ErrorBody } from "../../../../service/src/contract/error.ts";
import type { HubModel, HubModelDetail, HubPage, HubSiblings } from "../../../../service/src/contract/hub.ts";
import { systemClock } from "../../../../service/src/platform/clock.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../../fakes/fake-hub/index.ts";
import type { RepoDefinition } from "../../../fakes/fake-hub/repo-definition.ts";
import { startTestService } from "../../../tools/compose-test.ts";
import type { TestService } from "../../../tools/compose-test.ts";

/** The whole service before the fake Hub, with a clock that a test can put forward. */
export interface SearchRig {
  readonly hub: FakeHub;
  readonly service: TestService;
  search(query: string): Promise<HubPage>;
  page(model: string, query?: string): Promise<HubModelDetail>;
  siblings(model: string): Promise<HubSiblings>;
  /** Status and error code of a refused request. */
  refusal(path: string): Promise<[number, string]>;
  /** Requests for lists and for single models, so far. */
  lists(): number;
  details(): number;
  /** Resolves with the next event that tells this model's details. */
  detailed(model: string): Promise<HubModel>;
  /** Milliseconds. */
  later(by: number): void;
  close(): Promise<void>;
}

export interface RigOptions {
  readonly repos: RepoDefinition[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Another service's data, to go on with. */
  readonly home?: string;
  readonly hub?: FakeHub;
}

export async function startSearchRig(options: RigOptions): Promise<SearchRig> {
  const hub = options.hub ?? (await startFakeHub({ repos: options.repos }));
  let ahead = 0;
  const service = await startTestService({
    environment: { HF_ENDPOINT: hub.url, ...options.environment },
    ...(options.home === undefined ? {} : { home: options.home }),
    compose: { clock: { ...systemClock, now: () => systemClock.now() + ahead } },
  });
  const get = async <Body>(path: string): Promise<Body> => {
    const { status, body } = await service.call("GET", path);
    if (status >= 400) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  };
  const count = (pattern: RegExp) => hub.requests.filter(({ path }) => pattern.test(path)).length;
  return {
    ...{ hub, service },
    search: (query) => get(`/api/hub/models?${query}`),
    page: (model, query = "") => get(`/api/hub/models/${model}${query}`),
    siblings: (model) => get(`/api/hub/models/${model}/siblings`),
    async refusal(path) {
      const { status, body }: { status: number; body: unknown } = await service.call("GET", path);
      return [status, (body as { error: { code: string } } & typeof ErrorBody).error.code];
    },
    lists: () => count(/^\/api\/models$/),
    details: () => count(/^\/api\/models\/[^/]+\/[^/]+$/),
    detailed: (model) =>
      new Promise((resolve) => {
        const stop = service.service.events.listen((event) => {
          if (event.type !== "hub-model.changed" || event.data.id !== model) return;
          stop();
          resolve(event.data);
        });
      }),
    later: (by) => void (ahead += by),
    async close() {
      await service.close();
      if (!options.hub) await hub.close();
    },
  };
}

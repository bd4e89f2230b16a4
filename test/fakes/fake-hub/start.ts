import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

import { answerRequest } from "./answer-request.ts";
import { createFaultSwitches } from "./faults.ts";
import type { FaultSwitches } from "./faults.ts";
import type { HubState, PageSizes } from "./hub-state.ts";
import { createRateLimiter } from "./rate-limits.ts";
import type { Quota, RateLimitClass } from "./rate-limits.ts";
import type { Account, RepoDefinition, RepoUpdate } from "./repo-definition.ts";
import { createRequestLog } from "./request-log.ts";
import type { RecordedRequest } from "./request-log.ts";
import { commitFiles, createRepository } from "./repository.ts";
import { createSignedUrls } from "./signed-urls.ts";

export interface FakeHubOptions {
  repos?: RepoDefinition[];
  /** Token → account. Tokens need no special form. */
  tokens?: Record<string, Account>;
  port?: number;
  cdnPort?: number;
  /** Host name of the CDN's address. It must differ from the Hub's, or clients take the CDN for the Hub itself. */
  cdnHost?: string;
  pageSizes?: Partial<PageSizes>;
  /** Quotas enforced per token, as the Hub does; none by default. */
  rateLimits?: Partial<Record<RateLimitClass, Quota>>;
  /** Milliseconds since the epoch, for expiry and quotas. */
  now?: () => number;
}

export interface FakeHub {
  /** `http://127.0.0.1:port` */
  url: string;
  /** `http://localhost:port`, another port. */
  cdnUrl: string;
  /** Hash and add a repository; answers the commit of `main`. */
  addRepo(definition: RepoDefinition): Promise<{ id: string; sha: string }>;
  /** Make a new commit; answers its sha. */
  updateRepo(id: string, update: RepoUpdate): Promise<{ id: string; sha: string }>;
  removeRepo(id: string): void;
  tokens: Map<string, Account>;
  faults: FaultSwitches;
  requests: RecordedRequest[];
  waitForRequest(predicate: (request: RecordedRequest) => boolean): Promise<RecordedRequest>;
  /** All CDN addresses handed out so far answer 403 from now on. */
  expireSignedUrls(): void;
  /** Forget recorded requests and faults, release what stalls; repositories and tokens stay. */
  reset(): void;
  close(): Promise<void>;
}

/** Start a Hub and its CDN on free ports of the loopback interface. */
export async function startFakeHub(options: FakeHubOptions = {}): Promise<FakeHub> {
  const now = options.now ?? Date.now;
  const addresses = { hub: "", cdn: "" };
  const state: HubState = {
    url: () => addresses.hub,
    cdnUrl: () => addresses.cdn,
    repositories: new Map(),
    tokens: new Map(Object.entries(options.tokens ?? {})),
    faults: createFaultSwitches(),
    log: createRequestLog(),
    signedUrls: createSignedUrls(() => addresses.cdn, now),
    rateLimits: createRateLimiter(options.rateLimits ?? {}, now),
    pageSizes: { models: 1000, tree: 1000, treeExpanded: 50, ...options.pageSizes },
    now,
  };
  const hub = createServer((request, response) => void answerRequest(state, "hub", request, response));
  const cdn = createServer((request, response) => void answerRequest(state, "cdn", request, response));
  addresses.hub = `http://127.0.0.1:${await listen(hub, options.port ?? 0)}`;
  addresses.cdn = `http://${options.cdnHost ?? "localhost"}:${await listen(cdn, options.cdnPort ?? 0)}`;

  const addRepo: FakeHub["addRepo"] = async (definition) => {
    const repository = await createRepository(definition);
    state.repositories.set(definition.id, repository);
    return { id: definition.id, sha: repository.refs.get("main")!.sha };
  };
  for (const definition of options.repos ?? []) await addRepo(definition);

  return {
    url: addresses.hub,
    cdnUrl: addresses.cdn,
    addRepo,
    async updateRepo(id, update) {
      const repository = state.repositories.get(id);
      if (!repository) throw new Error(`The fake Hub has no repository ${id}`);
      return { id, sha: (await commitFiles(repository, update)).sha };
    },
    removeRepo: (id) => void state.repositories.delete(id),
    tokens: state.tokens,
    faults: state.faults,
    requests: state.log.requests,
    waitForRequest: state.log.waitForRequest,
    expireSignedUrls: state.signedUrls.expireAll,
    reset() {
      state.faults.clear();
      state.faults.release();
      state.log.clear();
    },
    async close() {
      state.faults.release();
      state.log.close();
      await Promise.all([stop(hub), stop(cdn)]);
    },
  };
}

/** Idle connections live for a minute, as with the Hub: clients that keep them must not be surprised here. */
function listen(server: Server, port: number): Promise<number> {
  server.keepAliveTimeout = 60_000;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}

import type { fetch as undiciFetch } from "undici";
import { settingDefaults } from "../../contract/settings.ts";
import type { Clock } from "../../platform/clock.ts";
import { AppError, isAbort, isAppError } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { undici } from "../../platform/undici.ts";
import { detailsAddress, readDetails, readRepositoryAnswer, repositoryAddress } from "./details.ts";
import type { RepositoryDetails } from "./details.ts";
import { createDispatchers } from "./dispatchers.ts";
import { readFile } from "./entries.ts";
import type { Repository, TreeFile } from "./entries.ts";
import { notAHub } from "./failures.ts";
import { createHubFetch } from "./hub-fetch.ts";
import type { HubFetch, HubRequest } from "./hub-fetch.ts";
import { onEndpoint } from "./links.ts";
import { listAddress, readList } from "./list-models.ts";
import type { HubList, HubListQuery } from "./list-models.ts";
import { isReserved, modelIdOf, repositoryOf } from "./names.ts";
import type { ProxySettings } from "./no-proxy.ts";
import { createTokenRefusals } from "./token-refusals.ts";
import { checkTreePaths } from "./tree-paths.ts";
import { whoAmI } from "./who-am-i.ts";

/**
 * The Hub's metadata. Every call throws AppErrors with the Hub's codes of the contract, `offline` without opening a
 * socket, or the reason of its signal.
 */
export interface Hub {
  /** Without a trailing slash. */
  readonly endpoint: string;
  readonly offline: boolean;
  /** MLX repositories, one request a page. This, `details` and `text` do without a token that the Hub refuses. */
  listModels(query: HubListQuery, signal: AbortSignal): Promise<HubList>;
  /** A repository with its files' sizes, by one request. @param revision null = `main`. */
  details(model: string, revision: string | null, signal: AbortSignal): Promise<RepositoryDetails>;
  repository(model: string, revision: string, signal: AbortSignal): Promise<Repository>;
  /** Every file of a commit, with checked paths. */
  tree(model: string, sha: string, signal: AbortSignal): Promise<TreeFile[]>;
  /** A small text file of a commit, such as `config.json`. */
  text(model: string, sha: string, path: string, signal: AbortSignal): Promise<string>;
  /**
   * Whose token it is, as the Hub knows it. `name` is null where the Hub does not tell, the answer where a mirror cannot.
   * @throws AppError `token_invalid` for one that it refuses.
   */
  whoAmI(token: string, signal: AbortSignal): Promise<{ readonly name: string | null } | null>;
  /** Whether the Hub refused this token lately; lists and other public facts are then asked for without it. */
  isRefused(token: string): boolean;
  /** What the transfer worker needs to do its own requests. Holds the token: never log it. */
  transport(): TransportSettings;
  close(): Promise<void>;
}

/** Plain data, fit for `workerData`. */
export interface TransportSettings {
  readonly endpoint: string;
  readonly token: string | null;
  readonly userAgent: string;
  readonly offline: boolean;
  readonly proxy: ProxySettings | null;
  readonly caFile: string | null;
  readonly segmentStallMs: number;
}

export interface HubDependencies {
  /** `HF_ENDPOINT`. */
  readonly endpoint: string;
  readonly token: () => string | null;
  readonly offline: boolean;
  readonly proxy: ProxySettings | null;
  readonly caFile: string | null;
  readonly deadlineMs: () => number;
  readonly segmentStallMs?: () => number;
  readonly userAgent?: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: () => number;
  readonly fetch?: typeof undiciFetch;
}

const fileLimit = 100_000;

export function createHub(dependencies: HubDependencies): Hub {
  const endpoint = dependencies.endpoint.replace(/\/+$/, "");
  const { token, proxy, caFile, offline } = dependencies;
  const userAgent = dependencies.userAgent ?? "mlx-manager";
  const dispatchers = createDispatchers({ proxy, caFile });
  const refusals = createTokenRefusals(dependencies);
  const hubFetch = createHubFetch({
    refusals,
    random: Math.random,
    fetch: (...parameters) => undici.fetch(...parameters),
    ...dependencies,
    endpoint,
    userAgent,
    dispatchers,
  });

  return {
    endpoint,
    offline,
    async listModels(query, signal) {
      const address = listAddress(endpoint, query);
      return readList(await hubFetch(address, { repository: null, signal, expect: "array", isPublic: true }), endpoint);
    },
    async details(model, revision, signal) {
      const name = nameOf(model);
      const address = detailsAddress(endpoint, name, revision);
      const request = { repository: name, signal, expect: "object", isPublic: true } as const;
      return readDetails(await hubFetch(address, request), endpoint);
    },
    async repository(model, revision, signal) {
      const name = nameOf(model);
      const address = repositoryAddress(endpoint, name, revision);
      return readRepositoryAnswer(await hubFetch(address, { repository: name, signal, expect: "object" }), endpoint);
    },
    async tree(model, sha, signal) {
      const name = nameOf(model);
      const fetch = asFetch(hubFetch, { repository: name, signal, expect: "array" }, endpoint);
      const files = await asHub(endpoint, async () => {
        const all: TreeFile[] = [];
        const { listFiles } = await import("@huggingface/hub");
        for await (const entry of listFiles({ repo: name, revision: sha, recursive: true, hubUrl: endpoint, fetch })) {
          if (entry.type === "file") all.push(readFile(entry));
          if (all.length > fileLimit) throw new AppError("unsupported", "This repository has too many files.");
        }
        return all;
      });
      checkTreePaths(files.map(({ path }) => path));
      return files;
    },
    async text(model, sha, path, signal) {
      const name = nameOf(model);
      const parts = path.split("/").map(encodeURIComponent).join("/");
      const address = `${endpoint}/${name}/resolve/${encodeURIComponent(sha)}/${parts}`;
      return (await hubFetch(address, { repository: name, signal, expect: "file", isPublic: true })).text;
    },
    whoAmI: (token, signal) => whoAmI(hubFetch, endpoint, token, signal),
    isRefused: refusals.has,
    transport: () => ({
      endpoint,
      token: token(),
      userAgent,
      offline,
      proxy,
      caFile,
      segmentStallMs: dependencies.segmentStallMs?.() ?? settingDefaults.segmentStallSeconds * 1000,
    }),
    close: () => dispatchers.close(),
  };
}

/** Names become parts of addresses, so they are checked even where the contract has done so. */
function nameOf(model: string): string {
  const name = repositoryOf(model);
  if (!isReserved(model) && modelIdOf(name) !== null) return name;
  throw new AppError("repo_not_found_or_private", "This model is not on the Hub.", { details: { repository: model } });
}

/** Our fetch in the form that `@huggingface/hub` takes; bound to one call, since the library knows no signals. */
function asFetch(hubFetch: HubFetch, request: HubRequest, endpoint: string): typeof fetch {
  return async (input) => {
    const url = input instanceof Request ? input.url : String(input);
    const { text, status, next } = await hubFetch(onEndpoint(url, endpoint), request);
    const headers = new Headers({ "content-type": "application/json" });
    if (next !== null) headers.set("link", `<${next}>; rel="next"`);
    return new Response(text, { status, headers });
  };
}

/** JSON of a form that no Hub sends makes the library or our readers throw: say what that means. */
async function asHub<Result>(endpoint: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (isAppError(error) || isAbort(error)) throw error;
    throw notAHub(endpoint, error);
  }
}

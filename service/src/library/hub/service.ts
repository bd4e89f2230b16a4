import { listFiles, listModels, modelInfo } from "@huggingface/hub";
import { fetch as undiciFetch } from "undici";
import type { HubSort } from "../../contract/hub.ts";
import { settingDefaults } from "../../contract/settings.ts";
import type { Clock } from "../../platform/clock.ts";
import { AppError, isAbort, isAppError } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { unwrapCursor, wrapCursor } from "./cursor.ts";
import { createDispatchers } from "./dispatchers.ts";
import { readEntry, readFile, readRepository } from "./entries.ts";
import type { HubEntry, Repository, TreeFile } from "./entries.ts";
import { notAHub } from "./failures.ts";
import { createHubFetch } from "./hub-fetch.ts";
import type { HubAnswer, HubFetch, HubRequest } from "./hub-fetch.ts";
import { onEndpoint } from "./links.ts";
import { isReserved, modelIdOf, repositoryOf } from "./names.ts";
import type { ProxySettings } from "./no-proxy.ts";
import { checkTreePaths } from "./tree-paths.ts";

/**
 * The Hub's metadata. Every call throws AppErrors with the Hub's codes of the contract, `offline` without opening a
 * socket, or the reason of its signal.
 */
export interface Hub {
  /** Without a trailing slash. */
  readonly endpoint: string;
  readonly offline: boolean;
  /** MLX repositories, one request a page. */
  listModels(query: HubListQuery, signal: AbortSignal): Promise<{ entries: HubEntry[]; nextCursor: string | null }>;
  repository(model: string, revision: string, signal: AbortSignal): Promise<Repository>;
  /** Every file of a commit, with checked paths. */
  tree(model: string, sha: string, signal: AbortSignal): Promise<TreeFile[]>;
  /** A small text file of a commit, such as `config.json`. */
  text(model: string, sha: string, path: string, signal: AbortSignal): Promise<string>;
  /** What the transfer worker needs to do its own requests. Holds the token: never log it. */
  transport(): TransportSettings;
  close(): Promise<void>;
}

export interface HubListQuery {
  readonly search: string;
  /** Empty = all. */
  readonly author: string;
  readonly sort: HubSort;
  readonly limit: number;
  readonly cursor?: string | undefined;
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

const sortNames = {
  downloads: "downloads",
  likes: "likes",
  updated: "lastModified",
  created: "createdAt",
  trending: "trendingScore",
} as const satisfies Record<HubSort, string>;

const fileLimit = 100_000;

export function createHub(dependencies: HubDependencies): Hub {
  const endpoint = dependencies.endpoint.replace(/\/+$/, "");
  const { token, proxy, caFile, offline } = dependencies;
  const userAgent = dependencies.userAgent ?? "mlx-manager";
  const dispatchers = createDispatchers({ proxy, caFile });
  const hubFetch = createHubFetch({
    random: Math.random,
    fetch: undiciFetch,
    ...dependencies,
    endpoint,
    userAgent,
    dispatchers,
  });

  return {
    endpoint,
    offline,
    async listModels({ search, author, sort, limit, cursor }, signal) {
      const question = JSON.stringify([search, author, sort]);
      const start = cursor === undefined ? null : unwrapCursor(cursor, question);
      let next: string | null = null;
      const fetch = asFetch(hubFetch, { repository: null, signal, expect: "array" }, endpoint, {
        address: (url) => (start === null ? url : withParameter(url, "cursor", start)),
        // The library would go on to the next page by itself; whether to is the caller's decision.
        link: (answer) => {
          next = answer.next === null ? null : new URL(answer.next).searchParams.get("cursor");
          return null;
        },
      });
      const tags = ["mlx"];
      const entries: HubEntry[] = [];
      await asHub(endpoint, async () => {
        const found = listModels({
          search: { query: search, owner: author, tags },
          sort: sortNames[sort],
          limit,
          additionalFields: ["config", "safetensors", "tags"],
          hubUrl: endpoint,
          fetch,
        });
        for await (const value of found) {
          const entry = readEntry(value);
          if (entry !== null) entries.push(entry);
        }
      });
      return { entries, nextCursor: next === null ? null : wrapCursor(next, question) };
    },
    async repository(model, revision, signal) {
      const name = nameOf(model);
      const fetch = asFetch(hubFetch, { repository: name, signal, expect: "object" }, endpoint);
      const additionalFields = ["config", "safetensors", "tags", "sha", "cardData"] as const;
      const found = await asHub(endpoint, async () =>
        readRepository(
          await modelInfo({ name, revision, hubUrl: endpoint, additionalFields: [...additionalFields], fetch }),
        ),
      );
      if (found === null) throw notAHub(endpoint);
      return found;
    },
    async tree(model, sha, signal) {
      const name = nameOf(model);
      const fetch = asFetch(hubFetch, { repository: name, signal, expect: "array" }, endpoint);
      const files = await asHub(endpoint, async () => {
        const all: TreeFile[] = [];
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
      return (await hubFetch(address, { repository: name, signal, expect: "file" })).text;
    },
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

interface FetchHooks {
  readonly address: (url: string) => string;
  readonly link: (answer: HubAnswer) => string | null;
}

const plainHooks: FetchHooks = {
  address: (url) => url,
  link: ({ next }) => (next === null ? null : `<${next}>; rel="next"`),
};

/** Our fetch in the form that `@huggingface/hub` takes; bound to one call, since the library knows no signals. */
function asFetch(
  hubFetch: HubFetch,
  request: HubRequest,
  endpoint: string,
  hooks: FetchHooks = plainHooks,
): typeof fetch {
  return async (input) => {
    const url = input instanceof Request ? input.url : String(input);
    const answer = await hubFetch(hooks.address(onEndpoint(url, endpoint)), request);
    const link = hooks.link(answer);
    const headers = { "content-type": "application/json", ...(link === null ? {} : { link }) };
    return new Response(answer.text, { status: answer.status, headers });
  };
}

function withParameter(address: string, name: string, value: string): string {
  const url = new URL(address);
  url.searchParams.set(name, value);
  return url.href;
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

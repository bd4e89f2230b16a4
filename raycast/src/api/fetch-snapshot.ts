import { bodyOf } from "./client.ts";
import type { Client } from "./client.ts";
import type { Topic } from "./events.ts";
import type { Model, Profile, Snapshot } from "./schemas.ts";

/** The same snapshot from the lists, for the time without a stream of events. */
export async function fetchSnapshot(client: Client, topics: readonly Topic[], signal: AbortSignal): Promise<Snapshot> {
  const asks = (topic: Topic) => topics.includes(topic);
  const params = { query: { limit: 50 } };
  const [downloads, servers, models, engines, jobs, profiles, settings] = await Promise.all([
    asks("downloads") ? bodyOf(client.GET("/api/downloads", { params, signal })) : undefined,
    asks("servers") ? bodyOf(client.GET("/api/servers", { params, signal })) : undefined,
    asks("models") ? fetchModels(client, signal) : undefined,
    asks("engines") ? bodyOf(client.GET("/api/engines", { signal })) : undefined,
    asks("jobs") ? bodyOf(client.GET("/api/jobs", { params, signal })) : undefined,
    asks("profiles") ? fetchProfiles(client, signal) : undefined,
    asks("settings") ? bodyOf(client.GET("/api/settings", { signal })) : undefined,
  ]);
  return {
    at: new Date().toISOString(),
    ...(downloads && { downloads: downloads.items }),
    ...(servers && { servers: servers.items }),
    ...(models && { models }),
    ...(engines && { engines: engines.items }),
    ...(jobs && { jobs: jobs.items }),
    ...(profiles && { profiles }),
    ...(settings && { settings }),
  };
}

/** The whole library, page by page. */
export function fetchModels(client: Client, signal: AbortSignal): Promise<Model[]> {
  return everyPage((query) => bodyOf(client.GET("/api/models", { params: { query }, signal })));
}

function fetchProfiles(client: Client, signal: AbortSignal): Promise<Profile[]> {
  return everyPage((query) => bodyOf(client.GET("/api/profiles", { params: { query }, signal })));
}

interface PageQuery {
  limit: number;
  cursor?: string;
}

async function everyPage<Item>(
  ask: (query: PageQuery) => Promise<{ items: Item[]; nextCursor: string | null }>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page = await ask({ limit: 200, ...(cursor === null ? {} : { cursor }) });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

import type { Download } from "./contract/downloads.ts";
import type { EventTopic, Snapshot } from "./contract/events.ts";
import type { Model } from "./contract/models.ts";
import type { Jobs } from "./core/jobs/index.ts";
import type { Requests } from "./core/requests/index.ts";
import type { Settings } from "./core/settings/index.ts";
import type { Downloads } from "./library/downloads/index.ts";
import type { LocalModel, Models } from "./library/models/index.ts";
import { timestamp } from "./platform/clock.ts";
import type { Clock } from "./platform/clock.ts";
import type { Engines } from "./serving/engines/index.ts";
import type { Pool } from "./serving/pool/index.ts";
import type { Profiles } from "./serving/profiles/index.ts";

export interface SnapshotDependencies {
  readonly clock: Clock;
  readonly downloads: Downloads;
  readonly engines: Engines;
  readonly jobs: Jobs;
  readonly models: Models;
  readonly viewModel: (model: LocalModel) => Model;
  readonly profiles: Profiles;
  readonly pool: Pool;
  readonly requests: Requests;
  readonly settings: Settings;
}

/** How many finished downloads and stopped servers a new client is told of; older ones are in the lists. */
const recent = 50;

/** The present state of the chosen topics, for the first message of an event stream. */
export function createSnapshot(slices: SnapshotDependencies): (topics: ReadonlySet<EventTopic>) => Snapshot {
  return (topics) => ({
    at: timestamp(slices.clock),
    ...(topics.has("downloads") ? { downloads: downloadsOf(slices.downloads) } : {}),
    ...(topics.has("engines") ? { engines: slices.engines.list() } : {}),
    ...(topics.has("jobs") ? { jobs: slices.jobs.allActive() } : {}),
    ...(topics.has("models") ? { models: slices.models.all().map(slices.viewModel) } : {}),
    ...(topics.has("profiles") ? { profiles: slices.profiles.all().map(slices.profiles.view) } : {}),
    ...(topics.has("requests") ? { requests: slices.requests.newest(recent) } : {}),
    ...(topics.has("servers") ? { servers: slices.pool.list({ limit: recent }).items } : {}),
    ...(topics.has("settings") ? { settings: slices.settings.view() } : {}),
  });
}

/** Newest first. All that go on, however old: a client forgets what the snapshot does not name. */
function downloadsOf(downloads: Downloads): Download[] {
  const ended = downloads.list({ limit: recent, active: false }).items;
  const active = downloads.list({ limit: 200, active: true }).items;
  return [...active, ...ended].sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id));
}

import type { LiveState } from "../api/live-state.ts";
import type { Job, Model, Profile, Server } from "../api/schemas.ts";
import { jobsOf } from "./job-text.ts";

/** A row of the library: a model with the server that runs it, or a named profile's server beside it. */
export interface ModelEntry {
  /** Stays the same while the server comes and goes, so that the selection stays on the row (SERVER-03). */
  id: string;
  title: string;
  model: Model;
  profileId: string;
  /** What runs it and how; undefined before the service told. */
  profile: Profile | undefined;
  /** The newest server of the profile, also one that is over. */
  server: Server | undefined;
  /** The server that a probe runs the model on, while it does. */
  probe: Server | undefined;
  /** What is being done to the model's files, or with them. */
  jobs: readonly Job[];
  /** Whether the row stands for a named profile rather than for the model itself. */
  isNamed: boolean;
}

const OVER = new Set<string>(["stopped", "failed", "evicted"]);

export function isRunning(server: Server | undefined): server is Server {
  return server !== undefined && !OVER.has(server.state);
}

type Known = Pick<LiveState, "models" | "servers" | "jobs" | "profiles">;

/** One entry a model, and one for each named profile whose server runs or failed. */
export function modelEntries({ models, servers, jobs, profiles }: Known): ModelEntry[] {
  const newest = newestOf(servers);
  const profileOf = new Map(profiles.map((profile) => [profile.id, profile]));
  return models.flatMap((model) => {
    const server = newest.get(model.profileId);
    const own: ModelEntry = {
      id: model.id,
      title: model.id,
      model,
      profileId: model.profileId,
      profile: profileOf.get(model.profileId),
      server,
      probe: [...newest.values()].find((other) => isProbe(other, model) && isRunning(other)),
      jobs: jobsOf(model.id, jobs),
      isNamed: false,
    };
    const named = [...newest.values()]
      .filter((other) => other.model === model.id && other.profileId !== model.profileId)
      .filter((other) => isTold(other) && !isProbe(other, model))
      .map((other) => ({
        id: `profile:${other.profileId}`,
        title: other.profile,
        model,
        profileId: other.profileId,
        profile: profileOf.get(other.profileId),
        server: other,
        probe: undefined,
        jobs: [],
        isNamed: true,
      }));
    return [own, ...named];
  });
}

/** A probe's server has a profile that is in no table, and so no name of its own. */
function isProbe(server: Server, { id, profileId }: Model): boolean {
  return server.model === id && server.profile === id && server.profileId !== profileId;
}

/** Models of other services, which are not on this Mac: what runs them, or failed to. */
export function serversElsewhere({ models, servers }: Pick<LiveState, "models" | "servers">): Server[] {
  const here = new Set(models.map(({ id }) => id));
  return [...newestOf(servers).values()].filter(
    (server) => server.kind === "remote" && !here.has(server.model) && isTold(server),
  );
}

function newestOf(servers: readonly Server[]): Map<string, Server> {
  const newest = new Map<string, Server>();
  for (const server of servers) {
    const known = newest.get(server.profileId);
    if (known === undefined || isNewer(server, known)) newest.set(server.profileId, server);
  }
  return newest;
}

/** A failure is told until its profile is started again; a server that just stopped leaves nothing to say. */
function isTold(server: Server): boolean {
  return server.state === "failed" || isRunning(server);
}

/** A server that runs says more than one that is over; among equals the later one. */
function isNewer(server: Server, known: Server): boolean {
  if (isRunning(server) !== isRunning(known)) return isRunning(server);
  return server.createdAt > known.createdAt;
}

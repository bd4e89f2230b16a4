import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServerEvent } from "../../../../service/src/contract/events.ts";
import { emptyParts } from "../../../../service/src/contract/profiles.ts";
import type { Profile } from "../../../../service/src/contract/profiles.ts";
import type { Server } from "../../../../service/src/contract/servers.ts";
import type { Settings, SettingValues } from "../../../../service/src/contract/settings.ts";
import { settingDefaults } from "../../../../service/src/contract/settings.ts";
import { systemClock } from "../../../../service/src/platform/clock.ts";
import type { Clock } from "../../../../service/src/platform/clock.ts";
import type { Database } from "../../../../service/src/platform/database/open.ts";
import { createEvents } from "../../../../service/src/platform/events.ts";
import { randomIds } from "../../../../service/src/platform/ids.ts";
import { createLog } from "../../../../service/src/platform/log.ts";
import { createPool } from "../../../../service/src/serving/pool/index.ts";
import type { EngineCommand, ForecastMemory, PoolDependencies } from "../../../../service/src/serving/pool/index.ts";
import { testDatabase } from "../database.ts";

export const fakeEngine = fileURLToPath(new URL("../../../fakes/fake-engine.mjs", import.meta.url));

/** Runs the fake engine with these flags instead of a launcher. */
export function fakeCommand(flags: () => Readonly<Record<string, unknown>>): EngineCommand {
  return ({ location }) => ({
    file: process.execPath,
    args: [fakeEngine, "--model", location.path, "--port-start", "0", "--flags", JSON.stringify(flags())],
  });
}

export interface WorldOptions {
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly settings?: Partial<SettingValues>;
  readonly clock?: Clock;
  readonly database?: Database;
  readonly folder?: string;
  readonly replace?: Partial<PoolDependencies>;
}

/** A pool on a real database and real fake-engine processes; everything is ended by `end`. */
export function createWorld(options: WorldOptions = {}) {
  const { clock = systemClock } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "pool-"));
  const world = {
    flags: { ...options.flags } as Record<string, unknown>,
    revision: "abc123",
    needs: {} as Record<string, number>,
  };
  const settings: SettingValues = { ...settingDefaults, stopGraceSeconds: 5, ...options.settings };
  const history: ServerEvent[] = [];
  const listeners = new Set<() => void>();
  const events = createEvents({ clock, boot: "test", onListenerError: fail });
  events.listen((event) => {
    history.push(event);
    for (const listener of [...listeners]) listener();
  });
  const held = new Set<string>();
  const hold = (what: string): (() => void) => {
    held.add(what);
    return () => held.delete(what);
  };
  const profile = testProfile();
  const profiles = new Map([[profile.id, profile]]);
  const database = options.database ?? testDatabase();
  const lines: string[] = [];
  const pool = createPool({
    ...{ database, events, clock, ids: randomIds, logFolder: folder },
    log: createLog({ debug: true, destination: { write: (line: string) => void lines.push(line) } }),
    settings: { values: () => settings },
    forecast: (of, { weightBytes }) => forecastOf(world.needs[of.id] ?? weightBytes),
    profiles: {
      all: () => [...profiles.values()],
      get: (id) => profiles.get(id) ?? profile,
      find: (id) => profiles.get(id) ?? profile,
      implicitFor: () => profile,
    },
    models: {
      locate: (model, revision) => ({
        model,
        revision: revision === "main" ? world.revision : revision,
        path: folder,
        weightBytes: 0,
        facts: { contextLength: 2048, vocabularySize: 1024, architecture: "llama", capabilities: ["chat"] as const },
      }),
      getRevision: (_model, revision) => ({ revision, path: folder }),
      hold: (model, revision) => hold(`${model}@${revision}`),
      touch: () => undefined,
    },
    engines: {
      ensureInstalled: async () => ({ version: "1", python: "", launcher: "" }),
      hold: (engine) => hold(engine),
    },
    machine: { memory: () => memoryOf(8e9) },
    childEnvironment: process.env,
    remoteKeys: { load: async () => null, current: () => null },
    command: fakeCommand(() => world.flags),
    ...options.replace,
  });
  return {
    ...{ pool, profile, folder, settings, history, held, database, lines, world },
    target: { profile, revision: "main" },
    events,
    /** Another model and its profile, of which a server is predicted to take so many bytes. */
    add(id: string, needs: number, change: Partial<Profile> = {}) {
      const added = { ...profile, id, name: id, model: `own/${id}`, ...change };
      profiles.set(id, added);
      world.needs[id] = needs;
      return { profile: added, revision: "main" };
    },
    /** Changes a setting and tells it, as the settings do. */
    set(change: Partial<SettingValues>) {
      Object.assign(settings, change);
      events.publish("settings.changed", {} as Settings);
    },
    /** Resolves with the first event, past or future, that fits. */
    event: (fits: (event: ServerEvent) => boolean, from = 0): Promise<ServerEvent> =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = history.slice(from).find(fits);
          if (!found) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
      }),
    async end(): Promise<void> {
      await pool.close(1000);
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function inState(state: Server["state"], fits: (server: Server) => boolean = () => true) {
  return (event: ServerEvent): boolean =>
    event.type === "server.changed" && event.data.state === state && fits(event.data);
}

/** The states a pool's servers went through, without repeats. */
export function statesOf(history: readonly ServerEvent[]): string[] {
  const states = history.flatMap((event) => (event.type === "server.changed" ? [event.data.state] : []));
  return states.filter((state, index) => state !== states[index - 1]);
}

export function memoryOf(availableBytes: number) {
  return { totalBytes: 16e9, limitBytes: 12e9, availableBytes, pressure: null, method: "test" };
}

export function forecastOf(bytes: number): ForecastMemory {
  return { bytes, source: "predicted", parts: { weights: bytes, kv: 0, overhead: 0 } };
}

export function testProfile(): Profile {
  const times = { createdAt: "2026-01-01T00:00:00.000Z", updatedAt: "2026-01-01T00:00:00.000Z" };
  const fixed = { slug: null, implicit: true, engine: "mlx-lm", engineOptions: {}, sampling: {} } as const;
  return {
    id: "p1",
    name: "a/b",
    model: "a/b",
    revision: "main",
    systemPrompt: null,
    ...emptyParts,
    ...fixed,
    ...times,
  };
}

export const never = new AbortController().signal;

function fail(error: unknown): never {
  throw error;
}

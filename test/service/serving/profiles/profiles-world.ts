import { settingDefaults } from "../../../../service/src/contract/settings.ts";
import type { SettingValues } from "../../../../service/src/contract/settings.ts";
import type { Profile } from "../../../../service/src/contract/profiles.ts";
import { AppError } from "../../../../service/src/platform/errors.ts";
import { createEvents } from "../../../../service/src/platform/events.ts";
import { systemClock } from "../../../../service/src/platform/clock.ts";
import { randomIds } from "../../../../service/src/platform/ids.ts";
import type { DecidingFacts } from "../../../../service/src/serving/profiles/chosen-engine.ts";
import { createProfiles } from "../../../../service/src/serving/profiles/index.ts";
import { testDatabase } from "../database.ts";

export const demo = "mlx-manager/demo";
export const other = "mlx-community/Qwen3-4B-4bit";

const text: DecidingFacts = { architecture: "llama", customCode: false, capabilities: ["chat"] };

/** Profiles on a real database, with a library that holds what a test says. */
export function createWorld(...ids: string[]) {
  let now = Date.parse("2026-01-01T00:00:00.000Z");
  const clock = { ...systemClock, now: () => now };
  const here = new Map<string, { id: string; demo: boolean; complete: boolean; addedAt: string }>();
  const folders = new Map<string, string>();
  const seen = new Set<(id: string) => void>();
  const removed = new Set<(id: string) => void>();
  const settings: SettingValues = { ...settingDefaults };
  const guards: ((values: SettingValues) => void)[] = [];
  const events = createEvents({
    clock,
    boot: "test",
    onListenerError: (error) => {
      throw error;
    },
  });
  const published: { type: string }[] = [];
  events.listen((event) => published.push(event));
  const serving = new Map<string, Profile[]>();
  const facts = new Map<string, DecidingFacts>();
  const profiles = createProfiles({
    database: testDatabase(),
    events,
    clock,
    ids: randomIds,
    models: {
      all: () => [...here.values()],
      find: (id) => (here.has(id) ? { facts: facts.get(id) ?? text } : null),
      locate: (id, revision) => {
        if (here.has(id)) return { model: id, revision, path: "/models/here", weightBytes: 1 };
        throw new AppError("model_not_found", `The model ${id} is not on this machine.`);
      },
      getRevision: (id, revision) => ({ revision, path: folders.get(id) ?? "/models/none" }),
      onSeen: (listener) => (seen.add(listener), () => seen.delete(listener)),
      onRemoved: (listener) => (removed.add(listener), () => removed.delete(listener)),
    },
    settings: { values: () => settings, guard: (check) => void guards.push(check) },
    startedWith: (id) => serving.get(id) ?? [],
  });
  const see = (id: string) => {
    here.set(id, { id, demo: id === demo, complete: true, addedAt: "2026-01-01T00:00:00.000Z" });
    for (const listener of seen) listener(id);
  };
  for (const id of ids) see(id);
  return {
    profiles,
    facts,
    here,
    folders,
    serving,
    settings,
    events: published,
    see,
    forget(id: string) {
      here.delete(id);
      for (const listener of removed) listener(id);
    },
    tick: () => void (now += 1000),
    patch(patch: Partial<SettingValues>) {
      for (const check of guards) check({ ...settings, ...patch });
      Object.assign(settings, patch);
    },
  };
}

import { settingKeys } from "../../contract/settings.ts";
import type { Settings as SettingsView, SettingsPatch, SettingValues } from "../../contract/settings.ts";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import { AppError } from "../../platform/errors.ts";
import type { Events } from "../../platform/events.ts";
import { resolveSettings, valuesOf } from "./precedence.ts";
import type { FixedSettings } from "./precedence.ts";
import { createSettingStore } from "./store.ts";

export interface Settings {
  values(): SettingValues;
  view(): SettingsView;
  /** @throws AppError `conflict` for a key that the environment fixes; then nothing is changed. */
  update(patch: SettingsPatch): SettingsView;
  onChange(listener: (values: SettingValues) => void): () => void;
  /** Called with each patch before it is stored; throws to refuse it. Lets owners of names guard aliases. */
  guard(check: (values: SettingValues) => void): void;
}

export interface SettingsDependencies {
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
  readonly fixed: FixedSettings;
}

export function createSettings({ database, events, clock, fixed }: SettingsDependencies): Settings {
  const store = createSettingStore(database);
  const listeners = new Set<(values: SettingValues) => void>();
  const guards: ((values: SettingValues) => void)[] = [];
  let view = resolveSettings(fixed, store.all());
  // Every request asks for them.
  let values = valuesOf(view);

  return {
    values: () => values,
    view: () => view,
    update(patch) {
      const keys = settingKeys.filter((key) => patch[key] !== undefined);
      for (const key of keys) refuseFixed(key, fixed);
      const changes = Object.fromEntries(keys.flatMap((key) => (patch[key] === null ? [] : [[key, patch[key]]])));
      const removed = keys.filter((key) => patch[key] === null);
      const kept = Object.fromEntries(Object.entries(store.all()).filter(([key]) => !removed.includes(key as never)));
      const next = resolveSettings(fixed, { ...kept, ...changes });
      for (const check of guards) check(valuesOf(next));
      store.apply(changes, removed, timestamp(clock));
      view = next;
      values = valuesOf(view);
      for (const listener of listeners) listener(values);
      events.publish("settings.changed", view);
      return view;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    guard: (check) => void guards.push(check),
  };
}

function refuseFixed(key: keyof FixedSettings, fixed: FixedSettings): void {
  const entry = fixed[key];
  if (!entry) return;
  throw new AppError("conflict", `${key} is set by ${entry.variable}. Change that variable and restart the service.`, {
    details: { key, variable: entry.variable },
  });
}

import { settingDefaults, settingKeys, settingSchemas } from "../../contract/settings.ts";
import type { SettingKey, Settings, SettingValues } from "../../contract/settings.ts";

/** A value that the environment fixes, with the variable that did. */
export type FixedSettings = {
  readonly [Key in SettingKey]?: { readonly value: SettingValues[Key]; readonly variable: string };
};

/** Environment > database > default, each with its source. A stored value that no longer parses counts as absent. */
export function resolveSettings(fixed: FixedSettings, stored: Readonly<Record<string, unknown>>): Settings {
  const view = Object.fromEntries(settingKeys.map((key) => [key, resolveOne(key, fixed, stored)]));
  return view as Settings;
}

function resolveOne(key: SettingKey, fixed: FixedSettings, stored: Readonly<Record<string, unknown>>) {
  const environment = fixed[key];
  if (environment) return { value: environment.value, source: "environment", variable: environment.variable };
  if (key in stored) {
    const parsed = settingSchemas[key].safeParse(stored[key]);
    if (parsed.success) return { value: parsed.data, source: "database", variable: null };
  }
  return { value: settingDefaults[key], source: "default", variable: null };
}

/** The bare values of a view. */
export function valuesOf(settings: Settings): SettingValues {
  return Object.fromEntries(settingKeys.map((key) => [key, settings[key].value])) as unknown as SettingValues;
}

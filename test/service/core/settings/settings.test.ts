import { describe, expect, test } from "@jest/globals";
import {
  settingDefaults,
  settingKeys,
  SettingsPatch,
  settingSchemas,
} from "../../../../service/src/contract/settings.ts";
import { createSettings } from "../../../../service/src/core/settings/index.ts";
import type { FixedSettings } from "../../../../service/src/core/settings/index.ts";
import { coreWorld } from "../core-world.ts";

function world(fixed: FixedSettings = {}, core = coreWorld()) {
  return { ...core, settings: createSettings({ ...core, fixed }) };
}

const fixed: FixedSettings = { hubAuthor: { value: "apple", variable: "MLX_MANAGER_HF_ORGANIZATION" } };

describe("a setting", () => {
  test("has its default, that its own schema allows", () => {
    const { settings } = world();
    expect(settings.values()).toEqual(settingDefaults);
    for (const key of settingKeys) {
      expect(settings.view()[key]).toEqual({ value: settingDefaults[key], source: "default", variable: null });
      expect(settingSchemas[key].safeParse(settingDefaults[key]).success).toBe(true);
    }
  });

  test("comes from the environment before the database, and from the database before the default", () => {
    const first = world();
    first.settings.update({ hubAuthor: "ada", drainSeconds: 3 });
    const { settings } = world(fixed, first);
    expect(settings.view()).toMatchObject({
      hubAuthor: { value: "apple", source: "environment", variable: "MLX_MANAGER_HF_ORGANIZATION" },
      drainSeconds: { value: 3, source: "database", variable: null },
      portStart: { value: 10_250, source: "default", variable: null },
    });
    expect(world({}, first).settings.values().hubAuthor).toBe("ada");
  });

  test("that the environment fixes cannot be changed, and then nothing of the patch is", () => {
    const { seen, settings } = world(fixed);
    expect(() => settings.update({ drainSeconds: 3, hubAuthor: "ada" })).toThrow(
      "hubAuthor is set by MLX_MANAGER_HF_ORGANIZATION. Change that variable and restart the service.",
    );
    expect(() => settings.update({ hubAuthor: null })).toThrow("hubAuthor is set by");
    expect([settings.values().drainSeconds, seen.length]).toEqual([15, 0]);
  });

  test("goes back to its default by null", () => {
    const { database, settings } = world();
    settings.update({ drainSeconds: 3, aliases: { fast: "some/model" } });
    settings.update({ drainSeconds: null });
    expect(settings.view()).toMatchObject({
      drainSeconds: { value: 15, source: "default" },
      aliases: { value: { fast: "some/model" }, source: "database" },
    });
    expect(database.prepare("SELECT key FROM settings").pluck().all()).toEqual(["aliases"]);
  });

  test("that was stored by another version and no longer fits counts as absent", () => {
    const core = coreWorld();
    core.database.prepare("INSERT INTO settings VALUES ('portStart', '\"text\"', 't'), ('unknown', '1', 't')").run();
    expect(world({}, core).settings.view().portStart).toEqual({ value: 10_250, source: "default", variable: null });
  });
});

describe("a change", () => {
  test("is told to listeners and as an event, with the whole state", () => {
    const { seen, settings } = world();
    const heard: number[] = [];
    const stop = settings.onChange(({ drainSeconds }) => heard.push(drainSeconds));
    const view = settings.update({ drainSeconds: 3 });
    stop();
    settings.update({ drainSeconds: 4 });
    expect(heard).toEqual([3]);
    expect(seen.map(({ type }) => type)).toEqual(["settings.changed", "settings.changed"]);
    expect(seen[0]?.data).toEqual(view);
  });

  test("that a guard refuses is not stored, nor told", () => {
    const { seen, settings } = world();
    settings.guard(({ aliases }) => {
      if ("taken" in aliases) throw new Error("taken");
    });
    expect(() => settings.update({ aliases: { taken: "x" }, drainSeconds: 3 })).toThrow("taken");
    expect([settings.values(), seen.length]).toEqual([settingDefaults, 0]);
    expect(settings.update({ aliases: { free: "x" } }).aliases.value).toEqual({ free: "x" });
  });

  test("of an unknown key or a wrong value is refused by the contract", () => {
    expect(SettingsPatch.safeParse({ nothing: 1 }).success).toBe(false);
    const wrong = {
      portStart: 80,
      drainSeconds: -1,
      aliases: { "": "x" },
      hubAuthor: 5,
      stallDeadlineSeconds: Infinity,
    };
    for (const [key, value] of Object.entries(wrong))
      expect(SettingsPatch.safeParse({ [key]: value }).success).toBe(false);
    expect(SettingsPatch.parse({ portStart: null })).toEqual({ portStart: null });
  });
});

/** Opens a command as Raycast does, in a home of its own, and closes it after the test. */
import { afterEach, beforeEach } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ComponentType } from "react";
import AskLocalModel from "../../raycast/src/ask-local-model.tsx";
import Downloads from "../../raycast/src/downloads.tsx";
import Models from "../../raycast/src/models.tsx";
import SearchModels from "../../raycast/src/search-models.tsx";
import { raycast, resetRaycast } from "../fakes/raycast/record.ts";
import { render } from "../tools/raycast-render.tsx";
import type { Screen } from "../tools/raycast-render.tsx";

const commands = {
  "search-models": SearchModels,
  models: Models,
  downloads: Downloads,
  "ask-local-model": AskLocalModel,
};
export type CommandName = keyof typeof commands;
export const commandNames = Object.keys(commands) as CommandName[];

const screens: Screen[] = [];
const saved = { HOME: process.env["HOME"], MLX_MANAGER_HOME: process.env["MLX_MANAGER_HOME"] };

/** The home that commands see in the running test; no service was ever installed there. */
export let home = "";

beforeEach(async () => {
  resetRaycast();
  home = await mkdtemp(join(tmpdir(), "raycast-home-"));
  process.env["HOME"] = home;
  delete process.env["MLX_MANAGER_HOME"];
});

afterEach(async () => {
  for (const screen of screens.splice(0)) screen.unmount();
  for (const [name, value] of Object.entries(saved)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await rm(home, { recursive: true, force: true });
});

export interface OpenOptions {
  /** The service's address, as in the preferences. */
  address?: string;
  apiKey?: string;
  question?: string;
  launchContext?: Record<string, unknown>;
  /** Rendered instead of the source: a built bundle. */
  component?: ComponentType<Record<string, unknown>>;
}

export function openCommand(name: CommandName, options: OpenOptions = {}): Screen {
  const { address, apiKey, question, launchContext } = options;
  raycast.environment.commandName = name;
  raycast.preferences = {
    ...(address === undefined ? {} : { serviceUrl: address }),
    ...(apiKey === undefined ? {} : { apiKey }),
  };
  const Command = options.component ?? (commands[name] as unknown as ComponentType<Record<string, unknown>>);
  const screen = render(
    <Command launchType="userInitiated" arguments={{ question: question ?? "" }} launchContext={launchContext} />,
  );
  screens.push(screen);
  return screen;
}

/** Rows as a test compares them. */
export function rowTitles(screen: Screen, section?: string): string[] {
  const rows = screen.rows().filter((row) => section === undefined || row.section === section);
  return rows.map(({ title }) => title);
}

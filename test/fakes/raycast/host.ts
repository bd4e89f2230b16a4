/** The application around a command: environment, preferences, opening things, launching other commands. */
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extensionFolder } from "./extension-folder.ts";
import { LaunchType } from "./names.ts";
import { noteRecorded, raycast } from "./record.ts";

interface Preference {
  name: string;
  default?: unknown;
  type: string;
}
interface Manifest {
  name: string;
  author: string;
  preferences?: Preference[];
  commands: { name: string; mode: string; preferences?: Preference[] }[];
}

const manifest = JSON.parse(readFileSync(join(extensionFolder, "package.json"), "utf8")) as Manifest;

export const environment = {
  raycastVersion: "1.104.25",
  ownerOrAuthorName: manifest.author,
  extensionName: manifest.name,
  assetsPath: join(extensionFolder, "assets"),
  supportPath: join(tmpdir(), "raycast-support"),
  textSize: "medium",
  get commandName() {
    return raycast.environment.commandName;
  },
  get commandMode() {
    return command()?.mode ?? "view";
  },
  get isDevelopment() {
    return raycast.environment.isDevelopment;
  },
  get appearance() {
    return raycast.environment.appearance;
  },
  get theme() {
    return raycast.environment.appearance;
  },
  get launchType() {
    return raycast.environment.launchType;
  },
  canAccess: () => false,
};

/** Defaults of the manifest (of the extension and of the running command), under what the test set. */
export function getPreferenceValues(): Record<string, unknown> {
  const declared = [...(manifest.preferences ?? []), ...(command()?.preferences ?? [])];
  const defaults = declared.map(({ name, type, default: value }) => [
    name,
    value ?? (type === "checkbox" ? false : undefined),
  ]);
  return { ...Object.fromEntries(defaults), ...raycast.preferences };
}

export async function openExtensionPreferences(): Promise<void> {
  raycast.openedPreferences.push("extension");
  noteRecorded();
}

export async function openCommandPreferences(): Promise<void> {
  raycast.openedPreferences.push("command");
  noteRecorded();
}

export async function open(target: string, application?: string | { name: string }): Promise<void> {
  raycast.opened.push({ target, application: typeof application === "object" ? application.name : application });
  noteRecorded();
}

export async function showInFinder(path: string): Promise<void> {
  await open(String(path), "Finder");
}

export async function trash(paths: string | string[]): Promise<void> {
  raycast.trashed.push(...[paths].flat().map(String));
  noteRecorded();
}

/** As in Raycast, an unknown or switched-off command is an error of the caller. */
export async function launchCommand(options: { name: string; type: string }): Promise<void> {
  if (!manifest.commands.some(({ name }) => name === options.name)) throw new Error(`No command ${options.name}`);
  if (raycast.disabledCommands.has(options.name)) throw new Error(`The command ${options.name} is disabled`);
  raycast.launches.push({ ...options, type: options.type ?? LaunchType.UserInitiated });
  noteRecorded();
}

export async function updateCommandMetadata(metadata: { subtitle?: string | null }): Promise<void> {
  raycast.subtitle = metadata.subtitle;
  noteRecorded();
}

export async function closeMainWindow(): Promise<void> {
  raycast.windowClosed += 1;
  noteRecorded();
}

export function captureException(exception: unknown): void {
  raycast.exceptions.push(exception);
  noteRecorded();
}

export async function getSelectedText(): Promise<string> {
  throw new Error("Cannot get the selected text from the frontmost application");
}

export async function getApplications(): Promise<{ name: string; path: string }[]> {
  return [];
}

/** Raycast's own models need its paid plan; our answers come from our models. */
export const AI = {
  Creativity: {},
  Model: {},
  async ask(): Promise<never> {
    throw new Error("Raycast AI is not available");
  },
};

function command() {
  return manifest.commands.find(({ name }) => name === raycast.environment.commandName);
}

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { EngineOptions } from "../contract/engine-options.ts";
import { LocalEngineId } from "../contract/engines.ts";
import { ProfileLifecycle, ProfileLimits, SamplingDefaults } from "../contract/profiles.ts";
import type { PresetId, Profile } from "../contract/profiles.ts";
import { usageError } from "./command-error.ts";

/** What was said on the command line of `profiles create` or `edit`. */
export type ProfileOptions = Readonly<Record<string, unknown>> & {
  readonly model?: string;
  readonly slug?: string;
  readonly name?: string;
  readonly preset?: PresetId;
  readonly revision?: string;
  readonly systemPrompt?: string;
  readonly engine?: string;
  readonly systemPromptFile?: string;
  readonly chatTemplateFile?: string;
  readonly unset?: readonly string[];
};

const parts = {
  sampling: Object.keys(SamplingDefaults.shape),
  engineOptions: Object.keys(EngineOptions.shape),
  limits: Object.keys(ProfileLimits.shape),
  lifecycle: Object.keys(ProfileLifecycle.shape),
} as const;
type Part = keyof typeof parts;

/** In place of an engine: it follows from the model. */
export const followsModel = "auto";

/** Everything in the parts of a profile, by the contract's names; no name is in two of them. */
export const profileKeys: readonly string[] = Object.values(parts).flat();

export const emptyProfile: Pick<Profile, Part> = { sampling: {}, engineOptions: {}, limits: {}, lifecycle: {} };

type Fields = Partial<Pick<Profile, Part | "name" | "revision" | "systemPrompt">> & {
  preset?: PresetId;
  engine?: LocalEngineId | null;
};

/** The fields of a request. A part is replaced as a whole by the API, so what a profile has is kept here. */
export function profileFields(options: ProfileOptions, present: Pick<Profile, Part>): Fields {
  const said = { ...options, ...filesOf(options) };
  const unset = new Set(options.unset ?? []);
  if (options.preset !== undefined && unset.size > 0)
    throw usageError("A preset and --unset do not go together. Unset first, then apply the preset.");
  const systemPrompt = unset.has("systemPrompt") ? null : said.systemPrompt;
  const merged = (Object.keys(parts) as Part[]).map((part) => [part, merge(part, said, present, unset)] as const);
  return {
    ...(options.preset === undefined ? {} : { preset: options.preset }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.revision === undefined ? {} : { revision: options.revision }),
    ...(systemPrompt === undefined ? {} : { systemPrompt }),
    ...(options.engine === undefined ? {} : { engine: engineNamed(options.engine) }),
    ...Object.fromEntries(merged.filter(([, value]) => value !== undefined)),
  };
}

/** Null lets it follow from the model again. */
function engineNamed(text: string): LocalEngineId | null {
  return text === followsModel ? null : LocalEngineId.parse(text);
}

function merge(part: Part, said: ProfileOptions, present: Pick<Profile, Part>, unset: ReadonlySet<string>) {
  const keys = parts[part];
  const given = keys.filter((key) => said[key] !== undefined);
  if (given.length === 0 && !keys.some((key) => unset.has(key))) return undefined;
  // With a preset the service keeps what the profile has; said again, it would hide the preset's values.
  const old = said.preset === undefined ? Object.entries(present[part]) : [];
  const kept = old.filter(([key]) => !unset.has(key));
  return Object.fromEntries([...kept, ...given.map((key) => [key, said[key]])]) as object;
}

function filesOf(options: ProfileOptions): Partial<ProfileOptions> {
  const { systemPromptFile, chatTemplateFile, adapterPath } = options;
  return {
    ...(systemPromptFile === undefined ? {} : { systemPrompt: readText(systemPromptFile).trimEnd() }),
    ...(chatTemplateFile === undefined ? {} : { chatTemplate: readText(chatTemplateFile) }),
    // `./adapter` is a folder here; the service knows no folder of ours to start from.
    ...(typeof adapterPath === "string" && adapterPath.startsWith(".") ? { adapterPath: resolve(adapterPath) } : {}),
  };
}

export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = (error as { code?: string }).code ?? "unknown";
    throw usageError(`${path} cannot be read (${reason}). Name a text file.`);
  }
}

export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

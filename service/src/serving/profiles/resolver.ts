import { modelIdPattern, Revision } from "../../contract/common.ts";
import type { Profile } from "../../contract/profiles.ts";

/** Which rule answered. */
export type ResolvedBy = "slug" | "model" | "revision" | "alias" | "anthropic" | "latest" | "default";

export interface ResolvedName {
  readonly profile: Profile;
  /** `main`, what the profile pins, or what `id@revision` names; resolved to a commit by the library. */
  readonly revision: string;
  readonly by: ResolvedBy;
}

/** Everything names can mean. Lookups answer null for what is not there. */
export interface Names {
  profileBySlug(slug: string): Profile | null;
  /** The implicit profile of a model that is here. */
  implicitProfile(model: string): Profile | null;
  readonly aliases: Readonly<Record<string, string>>;
  /** What answers requests that name nothing. */
  readonly defaultName: string | null;
}

type Rule = (name: string, names: Names) => ResolvedName | null;

/**
 * What a name means, the same for every protocol, the command line and chats. The first rule that answers wins:
 * slug, model id, `id@revision`, alias, `anthropic/` + name, name minus `:latest`. No name means the default.
 * @returns null for a name that nothing answers: never a random model instead.
 */
export function resolveName(name: string | null | undefined, names: Names): ResolvedName | null {
  if (name === null || name === undefined || name === "") return resolveDefault(names);
  return firstOf([...direct, alias, anthropic, latest], name.normalize("NFC"), names);
}

/** What a name would mean if there were no aliases: an alias of that name would never be reached, or hide a rule. */
export function resolveWithoutAliases(name: string, names: Names): ResolvedName | null {
  return resolveName(name, { ...names, aliases: {} });
}

const slug: Rule = (name, names) => answer(names.profileBySlug(name), "slug");

const model: Rule = (name, names) => (modelIdPattern.test(name) ? answer(names.implicitProfile(name), "model") : null);

const revision: Rule = (name, names) => {
  const at = name.indexOf("@");
  if (at === -1) return null;
  const wanted = Revision.safeParse(name.slice(at + 1));
  const found = model(name.slice(0, at), names);
  return wanted.success && found ? { profile: found.profile, revision: wanted.data, by: "revision" } : null;
};

const direct: readonly Rule[] = [slug, model, revision];

const alias: Rule = (name, names) => {
  if (!Object.hasOwn(names.aliases, name)) return null;
  // An alias never leads to another one: no loops, and its meaning can be read from the settings alone.
  return renamed(firstOf(direct, (names.aliases[name] ?? "").normalize("NFC"), names), "alias");
};

const anthropic: Rule = (name, names) => {
  if (!name.startsWith("anthropic/")) return null;
  return renamed(firstOf([...direct, alias], name.slice("anthropic/".length), names), "anthropic");
};

const latest: Rule = (name, names) => {
  if (!name.endsWith(":latest")) return null;
  return renamed(firstOf([...direct, alias, anthropic], name.slice(0, -":latest".length), names), "latest");
};

function resolveDefault(names: Names): ResolvedName | null {
  if (names.defaultName === null) return null;
  return renamed(firstOf([...direct, alias, anthropic, latest], names.defaultName.normalize("NFC"), names), "default");
}

function firstOf(rules: readonly Rule[], name: string, names: Names): ResolvedName | null {
  for (const rule of rules) {
    const found = rule(name, names);
    if (found) return found;
  }
  return null;
}

function answer(profile: Profile | null, by: ResolvedBy): ResolvedName | null {
  return profile && { profile, revision: profile.revision, by };
}

function renamed(found: ResolvedName | null, by: ResolvedBy): ResolvedName | null {
  return found && { ...found, by };
}

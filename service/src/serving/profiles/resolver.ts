import { modelIdPattern, Revision } from "../../contract/common.ts";
import { bySpecificity, isPattern, matchesPattern } from "../../contract/name-patterns.ts";
import type { Profile } from "../../contract/profiles.ts";

/** Which rule answered. */
export type ResolvedBy = "slug" | "model" | "revision" | "alias" | "anthropic" | "latest" | "pattern" | "default";

export interface ResolvedName {
  readonly profile: Profile;
  /** `main`, what the profile pins, or what `id@revision` names; resolved to a commit by the library. */
  readonly revision: string;
  readonly by: ResolvedBy;
  /** The alias or pattern that led there, where one did. */
  readonly alias?: string;
}

/** Everything names can mean. Lookups answer null for what is not there. */
export interface Names {
  profileBySlug(slug: string): Profile | null;
  /** The implicit profile of a model that is here. */
  implicitProfile(model: string): Profile | null;
  /** Exact names, and patterns with stars. */
  readonly aliases: Readonly<Record<string, string>>;
  /** What answers requests that name nothing. */
  readonly defaultName: string | null;
}

/** An alias whose target is not here. It ends the search: whatever comes later was not what a person chose. */
export interface DeadAlias {
  readonly alias: string;
  readonly target: string;
}

export interface NameLookup {
  readonly found: ResolvedName | null;
  readonly dead: DeadAlias | null;
  /** What was looked at, in order; the last one answered if anything did. */
  readonly tried: readonly ResolvedBy[];
}

/** Null: this rule does not know the name. */
type Answer = ResolvedName | DeadAlias | null;
type Rule = (name: string, names: Names) => Answer;

/**
 * What a name means, the same for every protocol, the command line and chats. The first rule that answers wins:
 * slug, model id, `id@revision`, alias, `anthropic/` + name, name minus `:latest`, the most specific pattern. So a
 * pattern never hides what is here under its own name. No name means the default.
 * @returns null for a name that nothing answers: never a random model instead.
 */
export function resolveName(name: string | null | undefined, names: Names): ResolvedName | null {
  return lookUpName(name, names).found;
}

/** The same, with how it was found, or why not. */
export function lookUpName(name: string | null | undefined, names: Names): NameLookup {
  const isNamed = name !== null && name !== undefined && name !== "";
  const rules = isNamed ? named : [{ by: "default", rule: byDefault } as const];
  const tried: ResolvedBy[] = [];
  for (const { by, rule } of rules) {
    tried.push(by);
    const answered = rule(isNamed ? name.normalize("NFC") : "", names);
    if (answered === null) continue;
    return isDead(answered) ? { found: null, dead: answered, tried } : { found: answered, dead: null, tried };
  }
  return { found: null, dead: null, tried };
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
  return wanted.success && found && !isDead(found)
    ? { profile: found.profile, revision: wanted.data, by: "revision" }
    : null;
};

const direct: readonly Rule[] = [slug, model, revision];

const alias: Rule = (name, names) => (Object.hasOwn(names.aliases, name) ? follow(name, names, "alias") : null);

const pattern: Rule = (name, names) => {
  const fitting = Object.keys(names.aliases).filter((each) => isPattern(each) && matchesPattern(each, name));
  const [first] = fitting.sort(bySpecificity);
  return first === undefined ? null : follow(first, names, "pattern");
};

/** An alias never leads to another one: no loops, and its meaning can be read from the settings alone. */
function follow(name: string, names: Names, by: ResolvedBy): ResolvedName | DeadAlias {
  const target = names.aliases[name] ?? "";
  const found = firstOf(direct, target.normalize("NFC"), names);
  return found && !isDead(found) ? { ...found, by, alias: name } : { alias: name, target };
}

const prefix = "anthropic/";
const suffix = ":latest";

const anthropic: Rule = (name, names) =>
  name.startsWith(prefix) ? renamed(firstOf([...direct, alias], name.slice(prefix.length), names), "anthropic") : null;

const latest: Rule = (name, names) =>
  name.endsWith(suffix)
    ? renamed(firstOf([...direct, alias, anthropic], name.slice(0, -suffix.length), names), "latest")
    : null;

/** The whole name first, then without what clients put around it. */
const patterns: Rule = (name, names) => {
  const bare = name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
  const inner = bare.startsWith(prefix) ? bare.slice(prefix.length) : bare;
  for (const each of new Set([name, bare, inner])) {
    const found = pattern(each, names);
    if (found) return found;
  }
  return null;
};

const byDefault: Rule = (_name, names) => {
  if (names.defaultName === null) return null;
  return renamed(firstOf([...direct, alias, anthropic, latest], names.defaultName.normalize("NFC"), names), "default");
};

const named: readonly { readonly by: ResolvedBy; readonly rule: Rule }[] = [
  { by: "slug", rule: slug },
  { by: "model", rule: model },
  { by: "revision", rule: revision },
  { by: "alias", rule: alias },
  { by: "anthropic", rule: anthropic },
  { by: "latest", rule: latest },
  { by: "pattern", rule: patterns },
];

function firstOf(rules: readonly Rule[], name: string, names: Names): Answer {
  for (const rule of rules) {
    const found = rule(name, names);
    if (found) return found;
  }
  return null;
}

function answer(profile: Profile | null, by: ResolvedBy): ResolvedName | null {
  return profile && { profile, revision: profile.revision, by };
}

function renamed(found: Answer, by: ResolvedBy): Answer {
  return found === null || isDead(found) ? found : { ...found, by };
}

function isDead(found: ResolvedName | DeadAlias): found is DeadAlias {
  return "target" in found;
}

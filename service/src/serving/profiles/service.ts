import { isDeepStrictEqual } from "node:util";
import type * as z from "zod";
import type {
  Profile,
  ProfileChange,
  ProfileCreate,
  ProfileDuplicate,
  ProfileExport,
  ProfilePatch,
  ProfileView,
} from "../../contract/profiles.ts";
import { defaultEngine } from "../../contract/engine-capabilities.ts";
import { emptyParts } from "../../contract/profiles.ts";
import type { SettingValues } from "../../contract/settings.ts";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import type { Page } from "../../platform/database/page.ts";
import { AppError } from "../../platform/errors.ts";
import type { Events } from "../../platform/events.ts";
import type { Ids } from "../../platform/ids.ts";
import { batchingOf } from "./batching.ts";
import { companionsOf } from "./companions.ts";
import type { CompanionModels } from "./companions.ts";
import { chooseDefault } from "./default-model.ts";
import type { DefaultCandidate } from "./default-model.ts";
import { engineOf } from "./chosen-engine.ts";
import type { DecidingFacts } from "./chosen-engine.ts";
import { checkEngineOptions } from "./engine-options.ts";
import { withPreset } from "./presets.ts";
import { createOf, exportOf } from "./profile-file.ts";
import { checkKind, completeCreate, completePatch, withoutKey } from "./profile-kind.ts";
import { modelNotHere, nameNotFound } from "./name-errors.ts";
import { lookUpName, resolveName, resolveWithoutAliases } from "./resolver.ts";
import type { NameLookup, Names, ResolvedName } from "./resolver.ts";
import { restartKeys } from "./restart-keys.ts";
import { createProfileStore, withEachRead } from "./store.ts";
import type { ProfileFilter } from "./store.ts";

export interface Profiles {
  list(filter: ProfileFilter): Page<Profile>;
  all(): Profile[];
  find(id: string): Profile | null;
  /** @throws AppError `not_found` */
  get(id: string): Profile;
  /** As the API shows it. */
  view(profile: Profile): ProfileView;
  /**
   * @throws AppError `conflict` for a name that something answers already, `model_not_found` for a model not here,
   * `invalid_request` for options that its engine does not have.
   */
  create(request: ProfileCreate): Profile;
  update(id: string, patch: ProfilePatch): Profile;
  /** A profile after a change, with what waits for a restart. */
  viewChange(profile: Profile): ProfileChange;
  export(id: string): ProfileExport;
  /** @throws as `create`. */
  import(file: ProfileExport, slug?: string): Profile;
  duplicate(id: string, request: z.infer<typeof ProfileDuplicate>): Profile;
  /** Whether a key is stored for a remote profile; the key itself never comes here. */
  noteKey(id: string, hasKey: boolean): Profile;
  /** @throws AppError `conflict` while it serves, and for implicit profiles. */
  remove(id: string): Profile;
  /** The row of a model that is here, made when first asked for. @throws AppError `model_not_found` */
  implicitFor(model: string): Profile;
  /** Its id alone, which is cheap: lists of models show it. @throws AppError `model_not_found` */
  implicitIdFor(model: string): string;
  /** The one resolver. @throws AppError `model_not_found` */
  resolve(name: string | null | undefined): ResolvedName;
  /** The same with the rules that were tried: for explanations. */
  lookUp(name: string | null | undefined): NameLookup;
  /** Every alias and pattern as it is set, with what answers it now. */
  aliases(): readonly NamedTarget[];
  /** The model that answers requests without a name; null where there is none. */
  defaultModel(): string | null;
  /** Gives every model its implicit row. Call after the library knows its models. */
  recover(): void;
  close(): void;
}

/** An alias, or a pattern of names. */
export interface NamedTarget {
  readonly name: string;
  readonly target: string;
  /** Null: the target is not here. */
  readonly found: ResolvedName | null;
}

/** What profiles need of the library. */
export interface ProfileModels extends CompanionModels {
  all(): readonly DefaultCandidate[];
  find(id: string): { readonly facts: DecidingFacts } | null;
  onSeen(listener: (id: string) => void): () => void;
  onRemoved(listener: (id: string) => void): () => void;
}

export interface ProfilesDependencies {
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly models: ProfileModels;
  readonly settings: { values(): SettingValues; guard(check: (values: SettingValues) => void): void };
  /** The profile as each of its living servers was started with it; asked of the pool, which is built later. */
  readonly startedWith: (profileId: string) => readonly Profile[];
}

export function createProfiles(dependencies: ProfilesDependencies): Profiles {
  const { database, events, clock, ids, models, settings, startedWith } = dependencies;
  const resolved = (profile: Profile): Profile => ({ ...profile, ...engineOf(profile, factsOf(models, profile)) });
  const store = withEachRead(createProfileStore(database), resolved);

  const implicitProfile = (model: string): Profile | null => {
    if (!isHere(models, model)) return null;
    return store.implicit(model) ?? insert(resolved(implicitOf(model, ids("profile"), timestamp(clock))));
  };
  const implicitFor = (model: string): Profile => {
    const profile = implicitProfile(model);
    if (!profile) throw modelNotHere(model);
    return profile;
  };
  const names = (): Names => ({
    profileBySlug: store.bySlug,
    implicitProfile,
    aliases: settings.values().aliases,
    // Looks at every model: not for the requests that name theirs.
    get defaultName() {
      return chooseDefault(settings.values().defaultModel, models.all());
    },
  });
  const view = (profile: Profile): ProfileView => ({ ...profile, batching: batchingOf(profile) });
  const insert = (profile: Profile): Profile => {
    store.insert(profile);
    events.publish("profile.changed", view(profile));
    return profile;
  };
  const drop = (profile: Profile): Profile => {
    store.remove(profile.id);
    events.publish("profile.removed", { id: profile.id });
    return profile;
  };
  const requireModel = (model: string): void => {
    if (!isHere(models, model)) throw modelNotHere(model);
  };
  const requireOptions = (profile: Pick<Profile, "engine" | "engineOptions">): void => {
    checkEngineOptions(profile.engine, profile.engineOptions);
    companionsOf(profile, models);
  };
  const create = ({ preset, remoteKey: _, ...given }: ProfileCreate): Profile => {
    const request = completeCreate(given);
    requireFreeSlug(request.slug);
    if (request.kind !== "remote") requireModel(request.model);
    const now = timestamp(clock);
    const said = { ...request, ...withPreset(preset, nothingSet, request), name: request.name ?? request.slug };
    const complete = { ...said, ...engineOf(said, factsOf(models, said)) };
    checkKind(complete);
    requireOptions(complete);
    return insert({ ...complete, id: ids("profile"), implicit: false, createdAt: now, updatedAt: now });
  };
  const requireFreeSlug = (slug: string): void => {
    const taken = store.bySlug(slug) ? "a profile" : Object.hasOwn(settings.values().aliases, slug) ? "an alias" : null;
    if (taken === null) return;
    throw new AppError("conflict", `"${slug}" is already ${taken}. Choose another name.`, { details: { slug } });
  };
  const get = (id: string): Profile => {
    const profile = store.find(id);
    if (!profile) throw new AppError("not_found", "There is no such profile.");
    return profile;
  };

  settings.guard((next) => {
    const known = settings.values().aliases;
    for (const [alias, target] of Object.entries(next.aliases)) {
      // Only what this change brings is judged: a model that came later must not block other settings.
      if (Object.hasOwn(known, alias) && known[alias] === target) continue;
      if (resolveWithoutAliases(alias, names()) === null) continue;
      throw new AppError("conflict", `"${alias}" already names a profile or model. Choose another alias.`, {
        details: { alias },
      });
    }
  });
  const stopListening = [
    models.onSeen((model) => void implicitProfile(model)),
    models.onRemoved((model) => {
      const profile = store.implicit(model);
      if (profile) drop(profile);
    }),
  ];

  return {
    list: (filter) => store.list(filter),
    all: () => store.all(),
    find: (id) => store.find(id),
    get,
    view,
    create,
    update(id, { preset, remoteKey: _, ...patch }) {
      const profile = get(id);
      if (profile.implicit && (patch.slug !== undefined || (patch.model ?? profile.model) !== profile.model)) {
        const advice = "Duplicate it to get one that you can name.";
        throw new AppError("conflict", `A model's own profile keeps its model and has no slug. ${advice}`);
      }
      if (patch.slug !== undefined && patch.slug !== profile.slug) requireFreeSlug(patch.slug);
      const given = completePatch(profile, patch);
      const changes = { ...given, ...withPreset(preset, profile, given) };
      const next = resolved({ ...profile, ...changes, updatedAt: timestamp(clock) });
      checkKind(next);
      if (next.kind !== "remote" && (next.model !== profile.model || profile.kind === "remote"))
        requireModel(next.model);
      if (next.engine !== profile.engine || !isDeepStrictEqual(next.engineOptions, profile.engineOptions))
        requireOptions(next);
      store.update(next);
      events.publish("profile.changed", view(next));
      return next;
    },
    viewChange(profile) {
      const keys = startedWith(profile.id).flatMap((started) => restartKeys(started, profile));
      const waiting = [...new Set(keys)].sort();
      return { ...view(profile), needsRestart: waiting.length > 0, restartKeys: waiting };
    },
    export: (id) => exportOf(get(id)),
    import: (file, slug) => create(createOf(file, slug)),
    duplicate(id, { slug, name }) {
      const source = get(id);
      requireFreeSlug(slug);
      if (source.kind !== "remote") requireModel(source.model);
      const now = timestamp(clock);
      const copy = { ...source, slug, name: name ?? slug, implicit: false, createdAt: now, updatedAt: now };
      return insert({ ...copy, remote: withoutKey(source.remote), id: ids("profile") });
    },
    noteKey(id, hasKey) {
      const profile = get(id);
      if (profile.remote === null || profile.remote.hasKey === hasKey) return profile;
      const next = { ...profile, remote: { ...profile.remote, hasKey }, updatedAt: timestamp(clock) };
      store.update(next);
      events.publish("profile.changed", view(next));
      return next;
    },
    remove(id) {
      const profile = get(id);
      if (profile.implicit)
        throw new AppError("conflict", "A model's own profile goes with its model. Delete the model instead.");
      if (startedWith(id).length > 0) throw new AppError("conflict", `"${profile.name}" is running. Stop it first.`);
      return drop(profile);
    },
    implicitFor,
    implicitIdFor(model) {
      return (isHere(models, model) ? store.implicitId(model) : null) ?? implicitFor(model).id;
    },
    resolve(name) {
      const meant = names();
      const { found, dead } = lookUpName(name, meant);
      if (found) return found;
      throw nameNotFound(name, { dead, defaultName: meant.defaultName });
    },
    lookUp: (name) => lookUpName(name, names()),
    aliases() {
      const { aliases } = settings.values();
      const meant = names();
      return Object.entries(aliases).map(([name, target]) => {
        return { name, target, found: resolveWithoutAliases(target, meant) };
      });
    },
    defaultModel: () => resolveName(null, names())?.profile.model ?? null,
    recover() {
      const rows = store.allImplicit();
      const known = new Set(rows.map(({ model }) => model));
      for (const { id } of models.all()) if (!known.has(id)) implicitProfile(id);
      for (const { id, model, isUntouched } of rows) {
        // A disk that is not mounted now must not cost what a person has set: only untouched rows go.
        if (isUntouched && !isHere(models, model)) drop(get(id));
      }
    },
    close: () => stopListening.forEach((stop) => stop()),
  };
}

/** What another service serves says nothing of a model of that name here. */
function factsOf(models: ProfileModels, { kind, model }: Pick<Profile, "kind" | "model">): DecidingFacts | null {
  return kind === "remote" ? null : (models.find(model)?.facts ?? null);
}

function isHere(models: ProfileModels, model: string): boolean {
  return models.find(model) !== null;
}

const nothingSet = { sampling: {}, engineOptions: {}, limits: {} };

function implicitOf(model: string, id: string, now: string): Profile {
  const empty = { engineOptions: {}, sampling: {}, systemPrompt: null, ...emptyParts };
  const fixed = { slug: null, name: model, implicit: true, model, revision: "main", engine: defaultEngine } as const;
  return { id, ...fixed, ...empty, createdAt: now, updatedAt: now };
}

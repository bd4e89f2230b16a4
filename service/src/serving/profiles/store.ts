import { EngineOptions } from "../../contract/engine-options.ts";
import { SamplingDefaults, emptyParts, profileParts } from "../../contract/profiles.ts";
import type { Profile } from "../../contract/profiles.ts";
import * as z from "zod";
import type { EngineId } from "../../contract/engines.ts";
import type { Database } from "../../platform/database/open.ts";
import { decodeCursor, pageOf } from "../../platform/database/page.ts";
import type { Page } from "../../platform/database/page.ts";

export interface ProfileFilter {
  readonly implicit?: boolean | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface ImplicitRow {
  readonly id: string;
  readonly model: string;
  /** Nobody has set anything in it. */
  readonly isUntouched: boolean;
}

/** Rows of `server_profiles`. */
export interface ProfileStore {
  insert(profile: Profile): void;
  update(profile: Profile): void;
  remove(id: string): void;
  find(id: string): Profile | null;
  bySlug(slug: string): Profile | null;
  implicit(model: string): Profile | null;
  implicitId(model: string): string | null;
  all(): Profile[];
  /** The implicit ones, without their options: a start with thousands of models must not parse each. */
  allImplicit(): ImplicitRow[];
  list(filter: ProfileFilter): Page<Profile>;
}

/** Names that clients ask for may be any. */
const mostRemembered = 1000;

export function createProfileStore(database: Database): ProfileStore {
  const insert = database.prepare(
    `INSERT INTO server_profiles (id, slug, name, implicit, model_id, revision, engine, engine_options, sampling, system_prompt, parts, created_at, updated_at)
     VALUES (@id, @slug, @name, @implicit, @model, @revision, @engine, @engineOptions, @sampling, @systemPrompt, @parts, @createdAt, @updatedAt)`,
  );
  const update = database.prepare(
    `UPDATE server_profiles SET slug = @slug, name = @name, model_id = @model, revision = @revision, engine = @engine,
     engine_options = @engineOptions, sampling = @sampling, system_prompt = @systemPrompt,
     parts = @parts, updated_at = @updatedAt
     WHERE id = @id`,
  );
  const remove = database.prepare("DELETE FROM server_profiles WHERE id = @id");
  const find = database.prepare("SELECT * FROM server_profiles WHERE id = @id");
  const bySlug = database.prepare("SELECT * FROM server_profiles WHERE slug = @slug");
  const implicit = database.prepare("SELECT * FROM server_profiles WHERE model_id = @model AND implicit = 1");
  const implicitId = database
    .prepare("SELECT id FROM server_profiles WHERE model_id = @model AND implicit = 1")
    .pluck();
  const all = database.prepare("SELECT * FROM server_profiles ORDER BY created_at DESC, id DESC");
  const allImplicit = database.prepare(
    "SELECT id, model_id, created_at = updated_at AS untouched FROM server_profiles WHERE implicit = 1",
  );
  const list = database.prepare(
    `SELECT * FROM server_profiles WHERE (@implicit IS NULL OR implicit = @implicit)
     AND (@afterTime IS NULL OR (created_at, id) < (@afterTime, @afterId))
     ORDER BY created_at DESC, id DESC LIMIT @limit`,
  );
  // Every request looks up its profile by name; all writes pass here.
  const known = new Map<string, Profile | null>();
  const remembered = (key: string, read: () => Profile | null): Profile | null => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const profile = read();
    if (known.size >= mostRemembered) known.clear();
    known.set(key, profile);
    return profile;
  };
  const written = (): void => known.clear();
  const one = (row: unknown): Profile | null => (row === undefined ? null : toProfile(row as ProfileRow));

  return {
    insert(profile) {
      written();
      insert.run({ ...toRow(profile), implicit: Number(profile.implicit) });
    },
    update(profile) {
      written();
      update.run(toRow(profile));
    },
    remove(id) {
      written();
      remove.run({ id });
    },
    find: (id) => one(find.get({ id })),
    bySlug: (slug) => remembered(`slug ${slug}`, () => one(bySlug.get({ slug }))),
    implicit: (model) => remembered(`implicit ${model}`, () => one(implicit.get({ model }))),
    implicitId: (model) => (implicitId.get({ model }) as string | undefined) ?? null,
    all: () => (all.all() as ProfileRow[]).map(toProfile),
    allImplicit: () =>
      (allImplicit.all() as { id: string; model_id: string; untouched: number }[]).map((row) => ({
        ...{ id: row.id, model: row.model_id, isUntouched: row.untouched === 1 },
      })),
    list: ({ implicit: wanted, limit, cursor }) => {
      const after = decodeCursor(cursor);
      const rows = list.all({
        implicit: wanted === undefined ? null : Number(wanted),
        afterTime: after?.time ?? null,
        afterId: after?.id ?? null,
        limit: limit + 1,
      });
      return pageOf((rows as ProfileRow[]).map(toProfile), limit, ({ createdAt, id }) => ({ time: createdAt, id }));
    },
  };
}

/** The store with something done to each profile that is read: rows hold what was so when they were written. */
export function withEachRead(store: ProfileStore, now: (profile: Profile) => Profile): ProfileStore {
  const orNull = (profile: Profile | null): Profile | null => profile && now(profile);
  return {
    ...store,
    find: (id) => orNull(store.find(id)),
    bySlug: (slug) => orNull(store.bySlug(slug)),
    implicit: (model) => orNull(store.implicit(model)),
    all: () => store.all().map(now),
    list(filter) {
      const { items, nextCursor } = store.list(filter);
      return { items: items.map(now), nextCursor };
    },
  };
}

interface ProfileRow {
  id: string;
  slug: string | null;
  name: string;
  implicit: number;
  model_id: string;
  revision: string;
  engine: string;
  engine_options: string;
  sampling: string;
  system_prompt: string | null;
  parts: string;
  created_at: string;
  updated_at: string;
}

const Parts = z.strictObject(profileParts);

function toRow({ implicit: _, engineOptions, sampling, ...profile }: Profile) {
  const names = Object.keys(profileParts) as (keyof typeof profileParts)[];
  return {
    ...Object.fromEntries(Object.entries(profile).filter(([name]) => !Object.hasOwn(profileParts, name))),
    engineOptions: JSON.stringify(engineOptions),
    sampling: JSON.stringify(sampling),
    parts: JSON.stringify(Object.fromEntries(names.map((name) => [name, profile[name]]))),
  };
}

function toProfile(row: ProfileRow): Profile {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    implicit: row.implicit === 1,
    model: row.model_id,
    revision: row.revision,
    engine: row.engine as EngineId,
    engineOptions: EngineOptions.parse(JSON.parse(row.engine_options)),
    sampling: SamplingDefaults.parse(JSON.parse(row.sampling)),
    systemPrompt: row.system_prompt,
    ...Parts.parse({ ...emptyParts, ...(JSON.parse(row.parts) as object) }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

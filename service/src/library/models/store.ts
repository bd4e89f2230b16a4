import type { Database } from "../../platform/database/open.ts";
import type { LocalModel, ModelFacts } from "./local-model.ts";

export interface ModelStore {
  /** When each known model was added and last used. */
  times(): Map<string, { addedAt: string; usedAt: string | null }>;
  facts(id: string, revision: string): ModelFacts | null;
  /** Writes the model, and the facts of its complete revisions in place of all earlier ones. */
  save(model: LocalModel, facts: ReadonlyMap<string, ModelFacts>): void;
  remove(id: string): void;
  touch(id: string, usedAt: string): void;
}

/** Raised when reading facts changes its meaning: older rows are read anew from the files. */
const factsVersion = 2;

export function createModelStore(database: Database): ModelStore {
  const times = database.prepare("SELECT id, added_at, used_at FROM downloaded_models");
  const facts = database.prepare("SELECT facts FROM model_facts WHERE model_id = @id AND revision = @revision");
  const upsert = database.prepare(
    `INSERT INTO downloaded_models (id, source, location, size_bytes, weight_bytes, complete, revisions, added_at, used_at)
     VALUES (@id, @source, @location, @sizeBytes, @weightBytes, @complete, @revisions, @addedAt, @usedAt)
     ON CONFLICT (id) DO UPDATE SET source = excluded.source, location = excluded.location,
       size_bytes = excluded.size_bytes, weight_bytes = excluded.weight_bytes, complete = excluded.complete,
       revisions = excluded.revisions, used_at = excluded.used_at`,
  );
  const clearFacts = database.prepare("DELETE FROM model_facts WHERE model_id = @id");
  const insertFacts = database.prepare(
    "INSERT INTO model_facts (model_id, revision, facts) VALUES (@id, @revision, @facts)",
  );
  const remove = database.prepare("DELETE FROM downloaded_models WHERE id = @id");
  const touch = database.prepare("UPDATE downloaded_models SET used_at = @usedAt WHERE id = @id");

  const save = database.transaction((model: LocalModel, kept: ReadonlyMap<string, ModelFacts>) => {
    const { id, source, location, sizeBytes, weightBytes, addedAt, usedAt } = model;
    upsert.run({
      ...{ id, source, location, sizeBytes, weightBytes, addedAt, usedAt },
      complete: model.complete ? 1 : 0,
      revisions: JSON.stringify(model.revisions),
    });
    clearFacts.run({ id });
    for (const [revision, value] of kept) {
      insertFacts.run({ id, revision, facts: JSON.stringify({ v: factsVersion, ...value }) });
    }
  });

  return {
    times() {
      const rows = times.all() as { id: string; added_at: string; used_at: string | null }[];
      return new Map(rows.map((row) => [row.id, { addedAt: row.added_at, usedAt: row.used_at }]));
    },
    facts(id, revision) {
      const row = facts.get({ id, revision }) as { facts: string } | undefined;
      if (row === undefined) return null;
      const { v, ...value } = JSON.parse(row.facts) as ModelFacts & { v: number };
      return v === factsVersion ? value : null;
    },
    save: (model, kept) => void save(model, kept),
    remove: (id) => void remove.run({ id }),
    touch: (id, usedAt) => void touch.run({ id, usedAt }),
  };
}

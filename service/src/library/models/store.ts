import type { ModelVerification, VerifiedFile } from "../../contract/library.ts";
import type { Database } from "../../platform/database/open.ts";
import { noFacts } from "./local-model.ts";
import type { LocalModel, ModelFacts } from "./local-model.ts";
import type { ScannedModel, ScannedRevision } from "./cache/scanned-model.ts";

/** What the table knows of a model and its files do not tell. */
export interface ModelMemory {
  readonly addedAt: string;
  readonly usedAt: string | null;
  readonly latestRevision: string | null;
  readonly updateCheckedAt: string | null;
}

export interface StoredModel extends ModelMemory {
  readonly id: string;
  /** Null in a row of an earlier version: its files have to be looked at. */
  readonly scanned: ScannedModel | null;
  readonly stamp: string;
}

export type StoredVerification = Omit<ModelVerification, "current"> & { readonly stamp: string };

export interface ModelStore {
  all(): StoredModel[];
  /** Writes what a look told, with the facts of every revision in place of all earlier ones. */
  save(model: ScannedModel, stamp: string, memory: ModelMemory): void;
  remove(id: string): void;
  touch(id: string, usedAt: string): void;
  noteUpdate(id: string, latestRevision: string | null, checkedAt: string): void;
  verifications(): StoredVerification[];
  saveVerification(verification: StoredVerification): void;
}

/** Raised when reading facts changes its meaning: older rows are read anew from the files. */
const factsVersion = 3;
/** The stamp of a place that may change without showing: it is looked at again. */
export const unsettledStamp = "?";

export function createModelStore(database: Database): ModelStore {
  const all = database.prepare("SELECT * FROM downloaded_models");
  const allFacts = database.prepare("SELECT model_id, revision, facts FROM model_facts");
  const upsert = database.prepare(
    `INSERT INTO downloaded_models (id, source, location, size_bytes, weight_bytes, complete, revisions, added_at,
       used_at, stamp, foreign_parts, foreign_bytes, problem, latest_revision, update_checked_at)
     VALUES (@id, @source, @location, @sizeBytes, @weightBytes, @complete, @revisions, @addedAt,
       @usedAt, @stamp, @foreignParts, @foreignBytes, @problem, @latestRevision, @updateCheckedAt)
     ON CONFLICT (id) DO UPDATE SET source = excluded.source, location = excluded.location,
       size_bytes = excluded.size_bytes, weight_bytes = excluded.weight_bytes, complete = excluded.complete,
       revisions = excluded.revisions, used_at = excluded.used_at, stamp = excluded.stamp,
       foreign_parts = excluded.foreign_parts, foreign_bytes = excluded.foreign_bytes, problem = excluded.problem`,
  );
  const clearFacts = database.prepare("DELETE FROM model_facts WHERE model_id = @id");
  const insertFacts = database.prepare(
    "INSERT INTO model_facts (model_id, revision, facts) VALUES (@id, @revision, @facts)",
  );
  const remove = database.prepare("DELETE FROM downloaded_models WHERE id = @id");
  const touch = database.prepare("UPDATE downloaded_models SET used_at = @usedAt WHERE id = @id");
  const noteUpdate = database.prepare(
    "UPDATE downloaded_models SET latest_revision = @latestRevision, update_checked_at = @checkedAt WHERE id = @id",
  );
  const verifications = database.prepare("SELECT * FROM model_verifications");
  const saveVerification = database.prepare(
    `INSERT OR REPLACE INTO model_verifications (model_id, revision, result, files_checked, files_unknown,
       bytes_checked, wrong_files, stamp, verified_at)
     VALUES (@model, @revision, @result, @filesChecked, @filesUnknown, @bytesChecked, @wrongFiles, @stamp, @verifiedAt)`,
  );

  const save = database.transaction((model: ScannedModel, stamp: string, memory: ModelMemory) => {
    const { id, source, location, sizeBytes, foreignBytes, problem, revisions } = model;
    upsert.run({
      ...{ id, source, location, sizeBytes, foreignBytes, problem, stamp, ...memory },
      weightBytes: revisions[0]?.weightBytes ?? 0,
      complete: revisions[0]?.complete === true ? 1 : 0,
      revisions: JSON.stringify(revisions.map(({ facts: _, ...revision }) => revision)),
      foreignParts: JSON.stringify(model.foreignParts),
    });
    clearFacts.run({ id });
    for (const { revision, facts } of revisions) {
      insertFacts.run({ id, revision, facts: JSON.stringify({ v: factsVersion, ...facts }) });
    }
  });

  return {
    all() {
      const facts = new Map<string, ModelFacts>();
      for (const row of allFacts.all() as { model_id: string; revision: string; facts: string }[]) {
        const { v, ...value } = JSON.parse(row.facts) as ModelFacts & { v: number };
        if (v === factsVersion) facts.set(`${row.model_id}@${row.revision}`, value);
      }
      return (all.all() as ModelRow[]).map((row) => toStored(row, facts));
    },
    save: (model, stamp, memory) => void save(model, stamp, memory),
    remove: (id) => void remove.run({ id }),
    touch: (id, usedAt) => void touch.run({ id, usedAt }),
    noteUpdate: (id, latestRevision, checkedAt) => void noteUpdate.run({ id, latestRevision, checkedAt }),
    verifications: () => (verifications.all() as VerificationRow[]).map(toVerification),
    saveVerification: ({ wrongFiles, ...verification }) =>
      void saveVerification.run({ ...verification, wrongFiles: JSON.stringify(wrongFiles) }),
  };
}

interface ModelRow {
  id: string;
  source: LocalModel["source"];
  location: string;
  size_bytes: number;
  revisions: string;
  added_at: string;
  used_at: string | null;
  stamp: string;
  foreign_parts: string;
  foreign_bytes: number;
  problem: string | null;
  latest_revision: string | null;
  update_checked_at: string | null;
}

function toStored(row: ModelRow, facts: ReadonlyMap<string, ModelFacts>): StoredModel {
  const memory = {
    ...{ id: row.id, addedAt: row.added_at, usedAt: row.used_at },
    ...{ latestRevision: row.latest_revision, updateCheckedAt: row.update_checked_at },
  };
  if (row.stamp === "") return { ...memory, scanned: null, stamp: "" };
  const revisions = JSON.parse(row.revisions) as Omit<ScannedRevision, "facts">[];
  const factsOf = (revision: string) => facts.get(`${row.id}@${revision}`);
  const scanned: ScannedModel = {
    ...{ id: row.id, source: row.source, location: row.location, sizeBytes: row.size_bytes, problem: row.problem },
    revisions: revisions.map((revision) => ({ ...revision, facts: factsOf(revision.revision) ?? noFacts })),
    foreignParts: JSON.parse(row.foreign_parts) as string[],
    foreignBytes: row.foreign_bytes,
  };
  const isKnown = revisions.every(({ revision }) => factsOf(revision) !== undefined);
  return { ...memory, scanned, stamp: isKnown ? row.stamp : unsettledStamp };
}

interface VerificationRow {
  model_id: string;
  revision: string;
  result: ModelVerification["result"];
  files_checked: number;
  files_unknown: number;
  bytes_checked: number;
  wrong_files: string;
  stamp: string;
  verified_at: string;
}

function toVerification(row: VerificationRow): StoredVerification {
  return {
    ...{ model: row.model_id, revision: row.revision, result: row.result, stamp: row.stamp },
    ...{ filesChecked: row.files_checked, filesUnknown: row.files_unknown, bytesChecked: row.bytes_checked },
    wrongFiles: JSON.parse(row.wrong_files) as VerifiedFile[],
    verifiedAt: row.verified_at,
  };
}

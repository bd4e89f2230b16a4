import type { ModelParent } from "../../contract/conversions.ts";
import type { Database } from "../../platform/database/open.ts";

export interface Conversion {
  readonly model: string;
  readonly parent: ModelParent;
  readonly options: Readonly<Record<string, unknown>>;
  readonly convertedAt: string;
}

export interface ConversionStore {
  parents(): Map<string, ModelParent>;
  save(conversion: Conversion): void;
  remove(model: string): void;
}

export function createConversionStore(database: Database): ConversionStore {
  const all = database.prepare("SELECT model_id, parent_id, parent_revision FROM model_conversions");
  const save = database.prepare(
    `INSERT OR REPLACE INTO model_conversions (model_id, parent_id, parent_revision, options, converted_at)
     VALUES (@model, @parent, @revision, @options, @convertedAt)`,
  );
  const remove = database.prepare("DELETE FROM model_conversions WHERE model_id = @model");
  return {
    parents() {
      const rows = all.all() as { model_id: string; parent_id: string; parent_revision: string }[];
      return new Map(rows.map((row) => [row.model_id, { model: row.parent_id, revision: row.parent_revision }]));
    },
    save: ({ model, parent, options, convertedAt }) =>
      void save.run({
        ...{ model, parent: parent.model, revision: parent.revision, convertedAt },
        options: JSON.stringify(options),
      }),
    remove: (model) => void remove.run({ model }),
  };
}

import type { Measurement } from "../../contract/measurements.ts";
import type { Database } from "../../platform/database/open.ts";

export interface StoredMeasurement extends Omit<Measurement, "current"> {
  readonly model: string;
  /** The sign of the model's files when it was probed. */
  readonly stamp: string;
}

export interface MeasurementStore {
  /** Newest last. */
  all(): StoredMeasurement[];
  /** In place of what was known of the same revision and engine. */
  save(measurement: StoredMeasurement): void;
  remove(model: string): void;
}

export function createMeasurementStore(database: Database): MeasurementStore {
  const all = database.prepare("SELECT * FROM model_measurements ORDER BY measured_at");
  const save = database.prepare(
    `INSERT OR REPLACE INTO model_measurements (model_id, revision, engine, engine_version, stamp, measured, measured_at)
     VALUES (@model, @revision, @engine, @engineVersion, @stamp, @measured, @measuredAt)`,
  );
  const remove = database.prepare("DELETE FROM model_measurements WHERE model_id = @model");
  return {
    all: () => (all.all() as Row[]).map(toMeasurement),
    save: ({ model, revision, engine, engineVersion, stamp, measuredAt, ...measured }) =>
      void save.run({ model, revision, engine, engineVersion, stamp, measuredAt, measured: JSON.stringify(measured) }),
    remove: (model) => void remove.run({ model }),
  };
}

interface Row {
  model_id: string;
  revision: string;
  engine: StoredMeasurement["engine"];
  engine_version: string;
  stamp: string;
  measured: string;
  measured_at: string;
}

type Facts = Omit<StoredMeasurement, "model" | "revision" | "engine" | "engineVersion" | "stamp" | "measuredAt">;

function toMeasurement(row: Row): StoredMeasurement {
  return {
    ...{ model: row.model_id, revision: row.revision, engine: row.engine, engineVersion: row.engine_version },
    ...{ stamp: row.stamp, measuredAt: row.measured_at },
    ...(JSON.parse(row.measured) as Facts),
  };
}

import type { EngineId } from "../../contract/engines.ts";
import type { Measurement } from "../../contract/measurements.ts";
import type { Events } from "../../platform/events.ts";
import type { MeasurementStore, StoredMeasurement } from "./store.ts";

/** What is known of models by having run them: in memory, and in the table. */
export interface Measurements {
  of(model: string, revision?: string): Measurement | null;
  /** Tells of it as a change of the model. */
  keep(measurement: StoredMeasurement): void;
  close(): void;
}

export interface KnownModels {
  find(id: string): { readonly revisions: readonly { readonly revision: string }[] } | null;
  /** The sign of the model's files as of the last look. */
  stamp(id: string): string;
  onRemoved(listener: (id: string) => void): () => void;
}

export interface EngineVersions {
  /** The version that is installed; null: none. */
  versionOf(id: EngineId): string | null;
}

export interface MeasurementsOptions {
  readonly store: MeasurementStore;
  readonly events: Events;
  readonly models: KnownModels;
  readonly engines: EngineVersions;
}

export function createMeasurements({ store, events, models, engines }: MeasurementsOptions): Measurements {
  const known = Map.groupBy(store.all(), ({ model }) => model);
  /** Looking costs a read of the disk, and a list of models asks for each of them. */
  const versions = new Map<EngineId, string | null>();
  const versionOf = (id: EngineId): string | null => {
    if (!versions.has(id)) versions.set(id, engines.versionOf(id));
    return versions.get(id) ?? null;
  };
  const stops = [
    models.onRemoved((model) => {
      if (known.delete(model)) store.remove(model);
    }),
    events.listen((event) => {
      if (event.type === "engine.changed") versions.clear();
    }),
  ];
  const isCurrent = (measured: StoredMeasurement): boolean =>
    measured.stamp === models.stamp(measured.model) && versionOf(measured.engine) === measured.engineVersion;

  return {
    of(model, named) {
      const all = known.get(model);
      if (all === undefined) return null;
      const revision = named ?? models.find(model)?.revisions[0]?.revision;
      const found = all.filter((one) => one.revision === revision);
      const shown = found.findLast(isCurrent) ?? found.at(-1);
      if (shown === undefined) return null;
      const { model: _, stamp: __, ...measured } = shown;
      return { ...measured, current: isCurrent(shown) };
    },
    keep(measurement) {
      const { model, revision, engine, engineVersion } = measurement;
      store.save(measurement);
      const isSame = (one: StoredMeasurement) =>
        one.revision === revision && one.engine === engine && one.engineVersion === engineVersion;
      known.set(model, [...(known.get(model) ?? []).filter((one) => !isSame(one)), measurement]);
      events.publish("model.changed", { id: model });
    },
    close: () => stops.forEach((stop) => stop()),
  };
}

import type { Database } from "../../platform/database/open.ts";

/** Values a person set, by key, as parsed JSON. */
export interface SettingStore {
  all(): Record<string, unknown>;
  apply(changes: Readonly<Record<string, unknown>>, removed: readonly string[], updatedAt: string): void;
}

export function createSettingStore(database: Database): SettingStore {
  const select = database.prepare("SELECT key, value FROM settings");
  const upsert = database.prepare(
    "INSERT INTO settings (key, value, updated_at) VALUES (@key, @value, @updatedAt) ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
  );
  const remove = database.prepare("DELETE FROM settings WHERE key = @key");
  return {
    all: () =>
      Object.fromEntries(
        (select.all() as { key: string; value: string }[]).map(({ key, value }) => [key, JSON.parse(value) as unknown]),
      ),
    apply: database.transaction(
      (changes: Readonly<Record<string, unknown>>, removed: readonly string[], updatedAt: string) => {
        for (const [key, value] of Object.entries(changes))
          upsert.run({ key, value: JSON.stringify(value), updatedAt });
        for (const key of removed) remove.run({ key });
      },
    ),
  };
}

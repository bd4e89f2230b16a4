import type { ApiKey } from "../../contract/keys.ts";
import type { Database } from "../../platform/database/open.ts";

/** A named key as it is kept: its hash, never itself. */
export interface StoredKey extends ApiKey {
  readonly hash: string;
}

export interface KeyStore {
  all(): StoredKey[];
  insert(key: StoredKey): void;
  revoke(id: string, at: string): void;
  /** Writes when keys were last used. */
  touch(uses: readonly { readonly id: string; readonly lastUsedAt: string }[]): void;
}

export function createKeyStore(database: Database): KeyStore {
  const select = database.prepare("SELECT * FROM api_keys ORDER BY created_at, id");
  const insert = database.prepare(
    `INSERT INTO api_keys (id, name, hash, scope, models, requests_per_minute, created_at, last_used_at, revoked_at)
     VALUES (@id, @name, @hash, @scope, @models, @requestsPerMinute, @createdAt, @lastUsedAt, @revokedAt)`,
  );
  const revoke = database.prepare("UPDATE api_keys SET revoked_at = @at WHERE id = @id");
  const touch = database.prepare("UPDATE api_keys SET last_used_at = @lastUsedAt WHERE id = @id");
  return {
    all: () => (select.all() as KeyRow[]).map(toKey),
    insert: (key) => void insert.run({ ...key, models: key.models === null ? null : JSON.stringify(key.models) }),
    revoke: (id, at) => void revoke.run({ id, at }),
    touch: database.transaction((uses: Parameters<KeyStore["touch"]>[0]) => {
      for (const use of uses) touch.run(use);
    }),
  };
}

interface KeyRow {
  id: string;
  name: string;
  hash: string;
  scope: string;
  models: string | null;
  requests_per_minute: number | null;
  created_at: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

function toKey(row: KeyRow): StoredKey {
  return {
    ...{ id: row.id, name: row.name, hash: row.hash, scope: row.scope as ApiKey["scope"] },
    models: row.models === null ? null : (JSON.parse(row.models) as string[]),
    requestsPerMinute: row.requests_per_minute,
    ...{ createdAt: row.created_at, lastUsedAt: row.last_used_at, revokedAt: row.revoked_at },
  };
}

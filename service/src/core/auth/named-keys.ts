import { randomBytes } from "node:crypto";
import type { ApiKey, ApiKeyCreate, ApiKeyCreated } from "../../contract/keys.ts";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import { AppError } from "../../platform/errors.ts";
import type { RequestKey, Scope } from "../../platform/http/context.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Log } from "../../platform/log.ts";
import { hashOf } from "./keys.ts";
import { createRateLimit } from "./rate-limit.ts";
import { createKeyStore } from "./store.ts";
import type { StoredKey } from "./store.ts";

/** Keys that a person named. All of them are in memory, so that asking costs one hash. */
export interface NamedKeys {
  list(query: { revoked: boolean }): { items: ApiKey[] };
  /** The one time that the key itself is told. @throws AppError `conflict` for a name in use. */
  create(wish: ApiKeyCreate): ApiKeyCreated;
  /** Takes effect with the next request. @throws AppError `not_found` */
  revoke(id: string): ApiKey;
  /** Whose key has this hash (`hashOf`), noted as used now; null when it is none of these, or revoked. */
  find(hash: Buffer): { scope: Scope; key: RequestKey } | null;
  /** Whether there is one that works. */
  exist(): boolean;
  close(): void;
}

export interface NamedKeysDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

interface Entry {
  row: StoredKey;
  /** Milliseconds since the epoch; null: not since the start. A text of it is made only for who reads it. */
  usedAt: number | null;
  readonly request: RequestKey;
}

/** When a key was last used is written so late: a write for each request would be too dear for what it tells. */
const touchAfterMs = 10_000;

export function createNamedKeys({ database, clock, ids, log }: NamedKeysDependencies): NamedKeys {
  const store = createKeyStore(database);
  const entries = new Map(store.all().map((row) => [row.id, entryOf(row, clock)]));
  // A plain table of hashes: which of them is close to a guess tells nothing of a key with 256 random bits.
  const living = new Map(
    [...entries.values()].flatMap((entry) => (entry.row.revokedAt === null ? [[entry.row.hash, entry] as const] : [])),
  );
  const used = new Set<Entry>();
  let cancelTouch: (() => void) | null = null;

  const writeUses = (): void => {
    cancelTouch?.();
    cancelTouch = null;
    const uses = [...used].flatMap(({ row: { id }, usedAt }) =>
      usedAt === null ? [] : [{ id, lastUsedAt: textOf(usedAt) }],
    );
    used.clear();
    if (uses.length === 0) return;
    try {
      store.touch(uses);
    } catch (error) {
      // Called by a timer; the next use is written again.
      log.error({ error }, "when API keys were last used could not be written");
    }
  };

  return {
    list: ({ revoked }) => ({
      items: [...entries.values()].flatMap((entry) => (revoked || entry.row.revokedAt === null ? [viewOf(entry)] : [])),
    }),
    create({ name, scope, models, requestsPerMinute }) {
      if ([...living.values()].some(({ row }) => row.name === name))
        throw new AppError("conflict", `There is an API key "${name}" already. Choose another name, or revoke it.`);
      const key = `mlxm_${randomBytes(32).toString("base64url")}`;
      const row: StoredKey = {
        ...{ id: ids("key"), name, scope, models, requestsPerMinute, hash: hashOf(key).toString("hex") },
        ...{ createdAt: timestamp(clock), lastUsedAt: null, revokedAt: null },
      };
      store.insert(row);
      const entry = entryOf(row, clock);
      entries.set(row.id, entry);
      living.set(row.hash, entry);
      return { ...viewOf(entry), key };
    },
    revoke(id) {
      const entry = entries.get(id);
      if (!entry) throw new AppError("not_found", "There is no such API key. See: mlx-manager keys");
      if (entry.row.revokedAt === null) {
        const at = timestamp(clock);
        store.revoke(id, at);
        entry.row = { ...entry.row, revokedAt: at };
        living.delete(entry.row.hash);
      }
      return viewOf(entry);
    },
    find(hash) {
      const entry = living.get(hash.toString("hex"));
      if (!entry) return null;
      entry.usedAt = clock.now();
      used.add(entry);
      cancelTouch ??= clock.after(touchAfterMs, writeUses);
      return { scope: entry.row.scope, key: entry.request };
    },
    exist: () => living.size > 0,
    close: writeUses,
  };
}

function viewOf({ row: { hash: _hash, ...view }, usedAt }: Entry): ApiKey {
  return usedAt === null ? view : { ...view, lastUsedAt: textOf(usedAt) };
}

function textOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function entryOf(row: StoredKey, clock: Clock): Entry {
  const { id, name, models, requestsPerMinute } = row;
  const limit = requestsPerMinute === null ? null : createRateLimit(requestsPerMinute, clock);
  const admit = (): void => {
    const waitMs = limit?.take() ?? 0;
    if (waitMs === 0) return;
    const retryAfterSeconds = Math.ceil(waitMs / 1000);
    throw new AppError(
      "rate_limited",
      `The API key "${name}" may ask ${requestsPerMinute} times a minute. Try again in ${retryAfterSeconds} s.`,
      { details: { requestsPerMinute, retryAfterSeconds } },
    );
  };
  return { row, usedAt: null, request: { id, models, admit } };
}

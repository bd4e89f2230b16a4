import type { Database } from "../../platform/database/open.ts";
import { fromStored, requestColumns, requestFields, selectedColumns, toStored } from "./request-row.ts";
import type { RequestBodies, RequestRow, StoredRequest } from "./request-row.ts";
import type { RequestEntry } from "../../contract/requests.ts";

/** A row as it waits for being written. */
export interface Finished {
  readonly row: RequestRow;
  readonly bodies: RequestBodies | null;
}

/** The writer's side of the log, on the service's one connection. */
export interface RequestStore {
  /** All or none. @returns how much they count against the log's size, in bytes. */
  insert(finished: readonly Finished[]): number;
  find(id: string): (RequestEntry & { bodies: RequestBodies | null }) | null;
  newest(limit: number): RequestEntry[];
  /** Deletes at most `limit` rows older than `before`; answers how many. */
  deleteBefore(before: string, limit: number): number;
  /** Deletes the oldest rows, at most `limit`, until so many bytes are free. @returns what was freed. */
  deleteOldest(bytes: number, limit: number): { rows: number; bytes: number };
}

/** Beside its text, a row costs about this much in the table and its indexes. */
const rowOverheadBytes = 250;

export function createRequestStore(database: Database): RequestStore {
  const names = requestFields.map((name) => requestColumns[name]);
  const insert = database.prepare(
    `INSERT INTO requests (${names.join(", ")}, bytes) VALUES (${requestFields.map((name) => `@${name}`).join(", ")}, @bytes)`,
  );
  const insertBodies = database.prepare(
    "INSERT INTO request_bodies (request_id, request, response, truncated) VALUES (@id, @request, @response, @truncated)",
  );
  const find = database.prepare(`SELECT ${selectedColumns} FROM requests WHERE id = @id`);
  const findBodies = database.prepare("SELECT request, response, truncated FROM request_bodies WHERE request_id = @id");
  const newest = database.prepare(
    `SELECT ${selectedColumns} FROM requests ORDER BY started_at DESC, id DESC LIMIT @limit`,
  );
  const removeBefore = database.prepare(
    "DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE started_at < @before ORDER BY started_at, id LIMIT @limit)",
  );
  const oldest = database.prepare("SELECT id, bytes FROM requests ORDER BY started_at, id LIMIT @limit");
  const remove = database.prepare("DELETE FROM requests WHERE id = @id");

  return {
    insert: database.transaction((finished: readonly Finished[]) => {
      let total = 0;
      for (const { row, bodies } of finished) {
        const stored = toStored(row);
        const bytes = rowOverheadBytes + sizeOf(Object.values(stored)) + sizeOf([bodies?.request, bodies?.response]);
        insert.run({ ...stored, bytes });
        if (bodies) insertBodies.run({ ...bodies, id: row.id, truncated: Number(bodies.truncated) });
        total += bytes;
      }
      return total;
    }),
    find(id) {
      const row = find.get({ id }) as StoredRequest | undefined;
      if (row === undefined) return null;
      const bodies = findBodies.get({ id }) as (Omit<RequestBodies, "truncated"> & { truncated: number }) | undefined;
      return { ...fromStored(row), bodies: bodies ? { ...bodies, truncated: bodies.truncated === 1 } : null };
    },
    newest: (limit) => (newest.all({ limit }) as StoredRequest[]).map(fromStored),
    deleteBefore: (before, limit) => removeBefore.run({ before, limit }).changes,
    deleteOldest: database.transaction((wanted: number, limit: number) => {
      const freed = { rows: 0, bytes: 0 };
      for (const { id, bytes } of oldest.all({ limit }) as { id: string; bytes: number }[]) {
        if (freed.bytes >= wanted) break;
        remove.run({ id });
        freed.rows += 1;
        freed.bytes += bytes;
      }
      return freed;
    }),
  };
}

function sizeOf(values: readonly unknown[]): number {
  return values.reduce<number>((sum, value) => sum + (typeof value === "string" ? Buffer.byteLength(value) : 8), 0);
}

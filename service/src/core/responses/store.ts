import type { ResponseInputItem, ResponseObject } from "../../contract/responses.ts";
import type { Database } from "../../platform/database/open.ts";

/** One turn of a conversation that a client may go on from by its id. */
export interface StoredResponse {
  readonly id: string;
  readonly previousId: string | null;
  /** The named API key it was made with; null: the master key, or none. */
  readonly owner: string | null;
  /** ISO-8601 */
  readonly createdAt: string;
  /** What was new in this turn, as the client sent it. */
  readonly input: readonly ResponseInputItem[];
  readonly response: ResponseObject;
}

/** What the turns before bring into a prompt. */
export interface StoredTurn {
  readonly input: readonly ResponseInputItem[];
  readonly output: ResponseObject["output"];
}

export interface ResponseStore {
  insert(stored: StoredResponse): void;
  /** Owned by `owner`, or by anybody for null; so are the others. */
  find(id: string, owner: string | null): StoredResponse | null;
  /** All turns up to this one, oldest first; null when one of them is missing. */
  chain(id: string, owner: string | null): StoredTurn[] | null;
  remove(id: string, owner: string | null): boolean;
  /** Deletes at most `limit` turns older than `before`; answers how many. */
  deleteBefore(before: string, limit: number): number;
  /** Deletes at most `limit` of the oldest turns while all together are larger than `bytes`; answers how many. */
  deleteOver(bytes: number, limit: number): number;
}

const isOwned = "(@owner IS NULL OR stored_responses.owner = @owner)";

export function createResponseStore(database: Database): ResponseStore {
  const insert = database.prepare(
    "INSERT INTO stored_responses (id, previous_id, owner, created_at, bytes, input, response) VALUES (@id, @previousId, @owner, @createdAt, @bytes, @input, @response)",
  );
  const find = database.prepare(
    `SELECT id, previous_id AS previousId, owner, created_at AS createdAt, input, response FROM stored_responses WHERE id = @id AND ${isOwned}`,
  );
  const chain = database.prepare(
    `WITH RECURSIVE turns (id, previous_id, depth) AS (
       SELECT id, previous_id, 0 FROM stored_responses WHERE id = @id AND ${isOwned}
       UNION ALL
       SELECT stored_responses.id, stored_responses.previous_id, depth + 1 FROM stored_responses
         JOIN turns ON stored_responses.id = turns.previous_id WHERE depth < @longest AND ${isOwned}
     )
     SELECT turns.previous_id AS previousId, input, json_extract(response, '$.output') AS output
       FROM turns JOIN stored_responses USING (id) ORDER BY depth DESC`,
  );
  const remove = database.prepare(`DELETE FROM stored_responses WHERE id = @id AND ${isOwned}`);
  const deleteBefore = database.prepare(
    "DELETE FROM stored_responses WHERE id IN (SELECT id FROM stored_responses WHERE created_at < @before ORDER BY created_at LIMIT @limit)",
  );
  const size = database.prepare("SELECT coalesce(sum(bytes), 0) FROM stored_responses").pluck();
  const oldest = database.prepare("SELECT id, bytes FROM stored_responses ORDER BY created_at LIMIT ?");

  const deleteOver = database.transaction((bytes: number, limit: number): number => {
    let over = (size.get() as number) - bytes;
    if (over <= 0) return 0;
    let removed = 0;
    for (const row of oldest.all(limit) as { id: string; bytes: number }[]) {
      if (over <= 0) break;
      over -= row.bytes;
      removed += remove.run({ id: row.id, owner: null }).changes;
    }
    return removed;
  });

  return {
    insert({ id, previousId, owner, createdAt, ...texts }) {
      const [input, response] = [JSON.stringify(texts.input), JSON.stringify(texts.response)];
      const bytes = Buffer.byteLength(input) + Buffer.byteLength(response);
      insert.run({ id, previousId, owner, createdAt, bytes, input, response });
    },
    find(id, owner) {
      const row = find.get({ id, owner }) as { [Key in keyof StoredResponse]: string } | undefined;
      if (row === undefined) return null;
      const [input, response] = [JSON.parse(row.input), JSON.parse(row.response)] as [
        ResponseInputItem[],
        ResponseObject,
      ];
      return { ...row, input, response };
    },
    chain(id, owner) {
      const rows = chain.all({ id, owner, longest: longestChain }) as {
        previousId: string | null;
        input: string;
        output: string;
      }[];
      const [first] = rows;
      if (first === undefined || first.previousId !== null) return null;
      return rows.map(({ input, output }) => ({
        input: JSON.parse(input) as ResponseInputItem[],
        output: JSON.parse(output) as ResponseObject["output"],
      }));
    },
    remove: (id, owner) => remove.run({ id, owner }).changes > 0,
    deleteBefore: (before, limit) => deleteBefore.run({ before, limit }).changes,
    deleteOver,
  };
}

/** No conversation has so many turns; a ring in a damaged file would have no end. */
const longestChain = 10_000;

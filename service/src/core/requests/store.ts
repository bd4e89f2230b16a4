import type { Database } from "../../platform/database/open.ts";

/** Metadata of one gateway request; never its text. Times in milliseconds, tokens as the engine counted them. */
export interface RequestRow {
  readonly id: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly protocol: string;
  readonly path: string;
  readonly streamed: boolean;
  readonly requestedModel: string | null;
  readonly model: string | null;
  readonly profileId: string | null;
  readonly serverId: string | null;
  readonly engine: string | null;
  readonly status: number;
  readonly finishReason: string | null;
  readonly errorCode: string | null;
  readonly errorSource: string | null;
  readonly clientLeft: boolean;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cachedTokens: number | null;
  readonly reasoningTokens: number | null;
  readonly waitMs: number | null;
  readonly firstTokenMs: number | null;
  readonly durationMs: number;
  /** Names of keys the client sent that nothing of ours understands. */
  readonly droppedKeys: readonly string[];
}

export interface RequestStore {
  insert(rows: readonly RequestRow[]): void;
  /** Deletes at most `limit` rows older than `before`; answers how many. */
  deleteBefore(before: string, limit: number): number;
}

const columns = {
  id: "id",
  startedAt: "started_at",
  finishedAt: "finished_at",
  protocol: "protocol",
  path: "path",
  streamed: "streamed",
  requestedModel: "requested_model",
  model: "model",
  profileId: "profile_id",
  serverId: "server_id",
  engine: "engine",
  status: "status",
  finishReason: "finish_reason",
  errorCode: "error_code",
  errorSource: "error_source",
  clientLeft: "client_left",
  inputTokens: "input_tokens",
  outputTokens: "output_tokens",
  cachedTokens: "cached_tokens",
  reasoningTokens: "reasoning_tokens",
  waitMs: "wait_ms",
  firstTokenMs: "first_token_ms",
  durationMs: "duration_ms",
  droppedKeys: "dropped_keys",
} as const satisfies Record<keyof RequestRow, string>;

export function createRequestStore(database: Database): RequestStore {
  const names = Object.keys(columns) as (keyof RequestRow)[];
  const insert = database.prepare(
    `INSERT INTO requests (${names.map((name) => columns[name]).join(", ")}) VALUES (${names.map((name) => `@${name}`).join(", ")})`,
  );
  const remove = database.prepare(
    "DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE started_at < @before ORDER BY started_at LIMIT @limit)",
  );
  return {
    insert: database.transaction((rows: readonly RequestRow[]) => {
      for (const row of rows) {
        insert.run({
          ...row,
          streamed: Number(row.streamed),
          clientLeft: Number(row.clientLeft),
          droppedKeys: JSON.stringify(row.droppedKeys),
        });
      }
    }),
    deleteBefore: (before, limit) => remove.run({ before, limit }).changes,
  };
}

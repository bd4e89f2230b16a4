import type { EngineId } from "../../contract/engines.ts";
import type { Failure } from "../../contract/error.ts";
import type { HealthStatus, Server, ServerState } from "../../contract/servers.ts";
import type { Database } from "../../platform/database/open.ts";
import { decodeCursor, pageOf } from "../../platform/database/page.ts";
import type { Page } from "../../platform/database/page.ts";

/** A row of `running_instances`: what of a server outlives the service, and what a restart needs to find survivors. */
export interface ServerRow extends Omit<Server, LiveField> {
  readonly processStartedAt: string | null;
  readonly tokenHash: string | null;
  readonly logFile: string | null;
}

/** What is true only while a server lives, and so never in its row. */
type LiveField =
  | ("phase" | "inFlight" | "memory" | "cpuPercent" | "tokensPerSecond" | "uptimeSeconds")
  | ("batching" | "needsRestart" | "restartKeys" | "pinned" | "waiting" | "reservedBytes" | "expiresAt");

export interface ServerFilter {
  readonly running?: boolean | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface ServerStore {
  insert(row: ServerRow): void;
  update(row: ServerRow): void;
  find(id: string): ServerRow | null;
  /** Rows that say that something lives. */
  live(): ServerRow[];
  /** Rows of servers that are over, newest first. */
  settled(): ServerRow[];
  /** Running first, then newest first. */
  list(filter: ServerFilter): Page<ServerRow>;
  remove(ids: readonly string[]): void;
}

const columns = {
  profile_id: "profileId",
  profile_name: "profile",
  model_id: "model",
  revision: "revision",
  engine: "engine",
  kind: "kind",
  state: "state",
  pid: "pid",
  process_started_at: "processStartedAt",
  token_hash: "tokenHash",
  port: "port",
  restarts: "restarts",
  total_tokens: "totalTokens",
  health_status: "healthStatus",
  last_checked_at: "lastCheckedAt",
  failure_count: "failureCount",
  last_error: "lastError",
  stderr_tail: "stderrTail",
  ended_because: "endedBecause",
  log_file: "logFile",
  created_at: "createdAt",
  started_at: "startedAt",
  ready_at: "readyAt",
  stopped_at: "stoppedAt",
} as const;
const names = Object.keys(columns) as (keyof typeof columns)[];
const isOver = "state IN ('stopped', 'failed', 'evicted')";
// One text to sort and page by: running servers before the others, newer before older.
const rank = `(CASE WHEN ${isOver} THEN '0 ' ELSE '1 ' END || created_at)`;

export function createServerStore(database: Database): ServerStore {
  const insert = database.prepare(
    `INSERT INTO running_instances (id, ${names.join(", ")}) VALUES (@id, ${names.map((name) => `@${columns[name]}`).join(", ")})`,
  );
  const update = database.prepare(
    `UPDATE running_instances SET ${names.map((name) => `${name} = @${columns[name]}`).join(", ")} WHERE id = @id`,
  );
  const find = database.prepare("SELECT * FROM running_instances WHERE id = @id");
  const live = database.prepare(`SELECT * FROM running_instances WHERE NOT ${isOver} ORDER BY created_at, id`);
  const settled = database.prepare(`SELECT * FROM running_instances WHERE ${isOver} ORDER BY created_at DESC, id DESC`);
  const list = database.prepare(
    `SELECT *, ${rank} AS rank FROM running_instances
     WHERE (@running IS NULL OR @running = (CASE WHEN ${isOver} THEN 0 ELSE 1 END))
     AND (@afterRank IS NULL OR (${rank}, id) < (@afterRank, @afterId))
     ORDER BY rank DESC, id DESC LIMIT @limit`,
  );
  const remove = database.prepare("DELETE FROM running_instances WHERE id = @id");
  const removeAll = database.transaction((ids: readonly string[]) => ids.forEach((id) => remove.run({ id })));

  return {
    insert: (row) => void insert.run(toColumns(row)),
    update: (row) => void update.run(toColumns(row)),
    find: (id) => {
      const row = find.get({ id });
      return row === undefined ? null : toRow(row as StoredRow);
    },
    live: () => (live.all() as StoredRow[]).map(toRow),
    settled: () => (settled.all() as StoredRow[]).map(toRow),
    list: ({ running, limit, cursor }) => {
      const after = decodeCursor(cursor);
      const wanted = running === undefined ? null : Number(running);
      const position = { afterRank: after?.time ?? null, afterId: after?.id ?? null };
      const rows = list.all({ running: wanted, ...position, limit: limit + 1 }) as (StoredRow & { rank: string })[];
      const page = pageOf(rows, limit, (row) => ({ time: row.rank, id: row.id }));
      return { items: page.items.map(toRow), nextCursor: page.nextCursor };
    },
    remove: (ids) => void removeAll(ids),
  };
}

type StoredRow = { id: string } & Record<keyof typeof columns, string | number | null>;

function toColumns(row: ServerRow) {
  const lastError = row.lastError === null ? null : JSON.stringify(row.lastError);
  return { ...row, lastError, stderrTail: JSON.stringify(row.stderrTail) };
}

function toRow(row: StoredRow): ServerRow {
  const text = (name: keyof typeof columns) => row[name] as string;
  const optional = (name: keyof typeof columns) => row[name] as string | null;
  return {
    id: row.id,
    profileId: text("profile_id"),
    profile: text("profile_name"),
    model: text("model_id"),
    revision: text("revision"),
    engine: text("engine") as EngineId,
    kind: text("kind") as Server["kind"],
    state: text("state") as ServerState,
    pid: row.pid as number | null,
    processStartedAt: optional("process_started_at"),
    tokenHash: optional("token_hash"),
    port: row.port as number | null,
    restarts: row.restarts as number,
    totalTokens: row.total_tokens as number,
    healthStatus: text("health_status") as HealthStatus,
    lastCheckedAt: optional("last_checked_at"),
    failureCount: row.failure_count as number,
    lastError: row.last_error === null ? null : (JSON.parse(text("last_error")) as Failure),
    stderrTail: JSON.parse(text("stderr_tail")) as string[],
    endedBecause: optional("ended_because"),
    logFile: optional("log_file"),
    createdAt: text("created_at"),
    startedAt: optional("started_at"),
    readyAt: optional("ready_at"),
    stoppedAt: optional("stopped_at"),
  };
}

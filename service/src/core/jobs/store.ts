import type { Failure } from "../../contract/error.ts";
import type { Job, JobKind, JobState } from "../../contract/jobs.ts";
import type { Database } from "../../platform/database/open.ts";
import { decodeCursor, pageOf } from "../../platform/database/page.ts";
import type { Page } from "../../platform/database/page.ts";

export interface JobFilter {
  readonly kind?: JobKind | undefined;
  readonly state?: JobState | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface JobStore {
  insert(job: Job, logFile: string): void;
  update(job: Job): void;
  find(id: string): Job | null;
  logFile(id: string): string | null;
  active(kind: JobKind, subject: string): Job | null;
  latest(kind: JobKind, subject: string): Job | null;
  allActive(): Job[];
  list(filter: JobFilter): Page<Job>;
  /** Removes finished jobs but the newest `keep`; answers their log files. */
  removeOld(keep: number): string[];
}

export function createJobStore(database: Database): JobStore {
  const insert = database.prepare(
    `INSERT INTO jobs (id, kind, subject, state, phase, done, total, unit, error, log_file, created_at, started_at, finished_at)
     VALUES (@id, @kind, @subject, @state, @phase, @done, @total, @unit, @error, @logFile, @createdAt, @startedAt, @finishedAt)`,
  );
  const update = database.prepare(
    `UPDATE jobs SET state = @state, phase = @phase, done = @done, total = @total, unit = @unit, error = @error,
     started_at = @startedAt, finished_at = @finishedAt WHERE id = @id`,
  );
  const find = database.prepare("SELECT * FROM jobs WHERE id = @id");
  const active = database.prepare(
    "SELECT * FROM jobs WHERE kind = @kind AND subject = @subject AND state IN ('queued', 'running')",
  );
  const latest = database.prepare(
    "SELECT * FROM jobs WHERE kind = @kind AND subject = @subject ORDER BY created_at DESC, id DESC LIMIT 1",
  );
  const allActive = database.prepare("SELECT * FROM jobs WHERE state IN ('queued', 'running') ORDER BY created_at, id");
  const list = database.prepare(
    `SELECT * FROM jobs WHERE (@kind IS NULL OR kind = @kind) AND (@state IS NULL OR state = @state)
     AND (@afterTime IS NULL OR (created_at, id) < (@afterTime, @afterId))
     ORDER BY created_at DESC, id DESC LIMIT @limit`,
  );
  const removeOld = database.prepare(
    `DELETE FROM jobs WHERE state IN ('succeeded', 'failed', 'cancelled') AND id NOT IN
       (SELECT id FROM jobs WHERE state IN ('succeeded', 'failed', 'cancelled') ORDER BY created_at DESC, id DESC LIMIT @keep)
     RETURNING log_file`,
  );
  const one = (row: unknown): Job | null => (row === undefined ? null : toJob(row as JobRow));

  return {
    insert: (job, logFile) => void insert.run({ ...toRow(job), logFile }),
    update: (job) => void update.run(toRow(job)),
    find: (id) => one(find.get({ id })),
    logFile: (id) => (find.get({ id }) as JobRow | undefined)?.log_file ?? null,
    active: (kind, subject) => one(active.get({ kind, subject })),
    latest: (kind, subject) => one(latest.get({ kind, subject })),
    removeOld: (keep) =>
      (removeOld.all({ keep }) as { log_file: string | null }[]).flatMap(({ log_file: file }) =>
        file === null ? [] : [file],
      ),
    allActive: () => (allActive.all() as JobRow[]).map(toJob),
    list: ({ kind, state, limit, cursor }) => {
      const after = decodeCursor(cursor);
      const rows = list.all({
        kind: kind ?? null,
        state: state ?? null,
        afterTime: after?.time ?? null,
        afterId: after?.id ?? null,
        limit: limit + 1,
      });
      return pageOf((rows as JobRow[]).map(toJob), limit, (job) => ({ time: job.createdAt, id: job.id }));
    },
  };
}

interface JobRow {
  id: string;
  kind: string;
  subject: string;
  state: string;
  phase: string | null;
  done: number | null;
  total: number | null;
  unit: string | null;
  error: string | null;
  log_file: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

function toRow({ error, ...job }: Job) {
  return { ...job, error: error === null ? null : JSON.stringify(error) };
}

function toJob(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind as JobKind,
    subject: row.subject,
    state: row.state as JobState,
    phase: row.phase,
    done: row.done,
    total: row.total,
    unit: row.unit as Job["unit"],
    error: row.error === null ? null : (JSON.parse(row.error) as Failure),
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}

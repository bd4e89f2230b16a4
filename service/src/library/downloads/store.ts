import type { Download, DownloadPriority, DownloadState } from "../../contract/downloads.ts";
import type { Failure } from "../../contract/error.ts";
import type { Database } from "../../platform/database/open.ts";
import { decodeCursor, pageOf } from "../../platform/database/page.ts";
import type { Page } from "../../platform/database/page.ts";

/** What was asked for, as far as it is not part of what is shown of a download. */
export interface DownloadRequest {
  /** Glob patterns; null: everything a model needs. */
  readonly patterns: readonly string[] | null;
  /** A repair reads whatever is there before it takes it for right. */
  readonly purpose: "download" | "repair";
}

export interface DownloadFilter {
  readonly state?: DownloadState | undefined;
  readonly active?: boolean | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface DownloadStore {
  insert(download: Download, request: DownloadRequest): void;
  update(download: Download): void;
  /** Only the counters: written every few seconds while bytes come in. */
  updateProgress(download: Download): void;
  find(id: string): Download | null;
  request(id: string): DownloadRequest;
  /** The one that is neither finished nor given up. */
  active(model: string, revision: string): Download | null;
  activeFor(model: string): string | null;
  latest(model: string, revision: string): Download | null;
  /** Oldest first. */
  allActive(): Download[];
  list(filter: DownloadFilter): Page<Download>;
}

const finished = "('completed', 'failed', 'cancelled')";

export function createDownloadStore(database: Database): DownloadStore {
  const insert = database.prepare(
    `INSERT INTO downloads (id, model_id, revision, commit_sha, patterns, purpose, state, pause_reason, priority,
       bytes_done, bytes_verified, bytes_total, files_done, files_total, error, created_at, updated_at, finished_at)
     VALUES (@id, @model, @revision, @commit, @patterns, @purpose, @state, @pauseReason, @priority,
       @bytesDone, @bytesVerified, @bytesTotal, @filesDone, @filesTotal, @error, @createdAt, @updatedAt, @finishedAt)`,
  );
  const update = database.prepare(
    `UPDATE downloads SET commit_sha = @commit, state = @state, pause_reason = @pauseReason, priority = @priority,
       bytes_done = @bytesDone, bytes_verified = @bytesVerified, bytes_total = @bytesTotal,
       files_done = @filesDone, files_total = @filesTotal, error = @error, updated_at = @updatedAt, finished_at = @finishedAt WHERE id = @id`,
  );
  const progress = database.prepare(
    `UPDATE downloads SET bytes_done = @bytesDone, bytes_verified = @bytesVerified, files_done = @filesDone,
       updated_at = @updatedAt WHERE id = @id`,
  );
  const find = database.prepare("SELECT * FROM downloads WHERE id = @id");
  const active = database.prepare(
    `SELECT * FROM downloads WHERE model_id = @model AND revision = @revision AND state NOT IN ${finished}`,
  );
  const activeFor = database.prepare(
    `SELECT id FROM downloads WHERE model_id = @model AND state NOT IN ${finished} ORDER BY created_at, id LIMIT 1`,
  );
  const latest = database.prepare(
    `SELECT * FROM downloads WHERE model_id = @model AND revision = @revision ORDER BY created_at DESC, id DESC LIMIT 1`,
  );
  const allActive = database.prepare(`SELECT * FROM downloads WHERE state NOT IN ${finished} ORDER BY created_at, id`);
  const list = database.prepare(
    `SELECT * FROM downloads WHERE (@state IS NULL OR state = @state)
       AND (@active IS NULL OR (state NOT IN ${finished}) = @active)
       AND (@afterTime IS NULL OR (created_at, id) < (@afterTime, @afterId))
     ORDER BY created_at DESC, id DESC LIMIT @limit`,
  );
  const one = (row: unknown): Download | null => (row === undefined ? null : toDownload(row as DownloadRow));

  return {
    insert: (download, { patterns, purpose }) =>
      void insert.run({
        ...toRow(download),
        ...{ patterns: patterns === null ? null : JSON.stringify(patterns), purpose },
      }),
    update: (download) => void update.run(toRow(download)),
    updateProgress: ({ id, bytesDone, bytesVerified, filesDone, updatedAt }) =>
      void progress.run({ id, bytesDone, bytesVerified, filesDone, updatedAt }),
    find: (id) => one(find.get({ id })),
    request(id) {
      const row = find.get({ id }) as DownloadRow | undefined;
      if (row === undefined) throw new Error("The download has no row.");
      const patterns = row.patterns === null ? null : (JSON.parse(row.patterns) as string[]);
      return { patterns, purpose: row.purpose };
    },
    active: (model, revision) => one(active.get({ model, revision })),
    activeFor: (model) => (activeFor.get({ model }) as { id: string } | undefined)?.id ?? null,
    latest: (model, revision) => one(latest.get({ model, revision })),
    allActive: () => (allActive.all() as DownloadRow[]).map(toDownload),
    list({ state, active: isActive, limit, cursor }) {
      const after = decodeCursor(cursor);
      const rows = list.all({
        state: state ?? null,
        active: isActive === undefined ? null : Number(isActive),
        afterTime: after?.time ?? null,
        afterId: after?.id ?? null,
        limit: limit + 1,
      });
      return pageOf((rows as DownloadRow[]).map(toDownload), limit, ({ createdAt, id }) => ({ time: createdAt, id }));
    },
  };
}

interface DownloadRow {
  id: string;
  model_id: string;
  revision: string;
  commit_sha: string | null;
  patterns: string | null;
  purpose: "download" | "repair";
  state: string;
  pause_reason: string | null;
  priority: string;
  bytes_done: number;
  bytes_verified: number;
  bytes_total: number | null;
  files_done: number;
  files_total: number | null;
  error: string | null;
  created_at: string;
  updated_at: string;
  finished_at: string | null;
}

function toRow({ error, bytesPerSecond: _speed, secondsLeft: _left, connections: _open, ...download }: Download) {
  return { ...download, error: error === null ? null : JSON.stringify(error) };
}

function toDownload(row: DownloadRow): Download {
  return {
    id: row.id,
    model: row.model_id,
    revision: row.revision,
    commit: row.commit_sha,
    state: row.state as DownloadState,
    pauseReason: row.pause_reason as Download["pauseReason"],
    priority: row.priority as DownloadPriority,
    bytesDone: row.bytes_done,
    bytesVerified: row.bytes_verified,
    bytesTotal: row.bytes_total,
    filesDone: row.files_done,
    filesTotal: row.files_total,
    bytesPerSecond: null,
    secondsLeft: null,
    connections: 0,
    error: row.error === null ? null : (JSON.parse(row.error) as Failure),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
  };
}

import type { Download, DownloadState } from "../../contract/downloads.ts";
import type { Failure } from "../../contract/error.ts";
import type { Database } from "../../platform/database/open.ts";
import { decodeCursor, pageOf } from "../../platform/database/page.ts";
import type { Page } from "../../platform/database/page.ts";
import type { TreeFile } from "../hub/index.ts";
import { sizeOf } from "./plan.ts";
import type { Plan } from "./plan.ts";

export interface DownloadFilter {
  readonly state?: DownloadState | undefined;
  readonly active?: boolean | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface DownloadStore {
  insert(download: Download, patterns: readonly string[] | null): void;
  update(download: Download): void;
  /** Only the counters: written every few seconds while bytes come in. */
  updateProgress(id: string, bytesDone: number, filesDone: number): void;
  find(id: string): Download | null;
  patterns(id: string): readonly string[] | null;
  /** The one that is neither finished nor given up. */
  active(model: string, revision: string): Download | null;
  activeFor(model: string): string | null;
  latest(model: string, revision: string): Download | null;
  /** Oldest first. */
  allActive(): Download[];
  list(filter: DownloadFilter): Page<Download>;
  /** Replaces the plan, in slices so that no statement holds the loop. */
  replacePlan(id: string, plan: Plan): Promise<void>;
  /** The plan by path, read in slices too. */
  plan(id: string): Promise<Plan>;
  markVerified(id: string, paths: readonly string[]): void;
}

const finished = "('completed', 'failed', 'cancelled')";
/** So few that a slice takes no more than two or three milliseconds, for a plan of thousands of files too. */
const sliceRows = 200;

export function createDownloadStore(database: Database): DownloadStore {
  const insert = database.prepare(
    `INSERT INTO downloads (id, model_id, revision, commit_sha, patterns, state, pause_reason, bytes_done, bytes_total,
       files_done, files_total, error, created_at, updated_at, finished_at)
     VALUES (@id, @model, @revision, @commit, @patterns, @state, @pauseReason, @bytesDone, @bytesTotal,
       @filesDone, @filesTotal, @error, @createdAt, @updatedAt, @finishedAt)`,
  );
  const update = database.prepare(
    `UPDATE downloads SET commit_sha = @commit, state = @state, pause_reason = @pauseReason, bytes_done = @bytesDone,
       bytes_total = @bytesTotal, files_done = @filesDone, files_total = @filesTotal, error = @error,
       updated_at = @updatedAt, finished_at = @finishedAt WHERE id = @id`,
  );
  const progress = database.prepare(
    "UPDATE downloads SET bytes_done = @bytesDone, files_done = @filesDone WHERE id = @id",
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
  const dropSlice = database.prepare(
    `DELETE FROM download_files WHERE rowid IN
       (SELECT rowid FROM download_files WHERE download_id = @id LIMIT ${sliceRows})`,
  );
  const insertFile = database.prepare(
    `INSERT INTO download_files (download_id, path, size_bytes, blob_id, algorithm, xet_hash, git_oid, state)
     VALUES (@id, @path, @sizeBytes, @blobId, @algorithm, @xetHash, @gitOid, @state)`,
  );
  const insertSlice = database.transaction((id: string, files: readonly PlanRow[]) => {
    for (const file of files) insertFile.run({ ...file, id });
  });
  const fileSlice = database.prepare(
    `SELECT * FROM download_files WHERE download_id = @id AND path > @after ORDER BY path LIMIT ${sliceRows}`,
  );
  const markFile = database.prepare(
    "UPDATE download_files SET state = 'verified' WHERE download_id = @id AND path = @path",
  );
  const markSlice = database.transaction((id: string, paths: readonly string[]) => {
    for (const path of paths) markFile.run({ id, path });
  });
  const one = (row: unknown): Download | null => (row === undefined ? null : toDownload(row as DownloadRow));

  return {
    insert: (download, patterns) =>
      void insert.run({ ...toRow(download), patterns: patterns === null ? null : JSON.stringify(patterns) }),
    update: (download) => void update.run(toRow(download)),
    updateProgress: (id, bytesDone, filesDone) => void progress.run({ id, bytesDone, filesDone }),
    find: (id) => one(find.get({ id })),
    patterns(id) {
      const text = (find.get({ id }) as DownloadRow | undefined)?.patterns ?? null;
      return text === null ? null : (JSON.parse(text) as string[]);
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
    async replacePlan(id, { chosen, leftOut }) {
      while (dropSlice.run({ id }).changes > 0) await nextTurn();
      const rows: PlanRow[] = [
        ...chosen.map((file) => ({ ...file, state: "pending" as const })),
        ...leftOut.map((file) => ({ ...file, state: "left-out" as const })),
      ];
      for (let start = 0; start < rows.length; start += sliceRows) {
        insertSlice(id, rows.slice(start, start + sliceRows));
        await nextTurn();
      }
    },
    async plan(id) {
      const chosen: TreeFile[] = [];
      const leftOut: TreeFile[] = [];
      for (let after = ""; ; await nextTurn()) {
        const rows = fileSlice.all({ id, after }) as FileRow[];
        for (const row of rows) (row.state === "left-out" ? leftOut : chosen).push(toFile(row));
        const last = rows.at(-1);
        if (!last) return { chosen, leftOut, bytesTotal: sizeOf(chosen) };
        after = last.path;
      }
    },
    markVerified(id, paths) {
      for (let start = 0; start < paths.length; start += sliceRows)
        markSlice(id, paths.slice(start, start + sliceRows));
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

type PlanRow = TreeFile & { readonly state: "pending" | "left-out" };

interface FileRow {
  path: string;
  size_bytes: number;
  blob_id: string;
  algorithm: "git-sha1" | "sha256";
  xet_hash: string | null;
  git_oid: string;
  state: string;
}

function toFile(row: FileRow): TreeFile {
  const { path, algorithm } = row;
  return {
    ...{ path, algorithm, sizeBytes: row.size_bytes, blobId: row.blob_id },
    ...{ xetHash: row.xet_hash, gitOid: row.git_oid },
  };
}

interface DownloadRow {
  id: string;
  model_id: string;
  revision: string;
  commit_sha: string | null;
  patterns: string | null;
  state: string;
  pause_reason: string | null;
  bytes_done: number;
  bytes_total: number | null;
  files_done: number;
  files_total: number | null;
  error: string | null;
  created_at: string;
  updated_at: string;
  finished_at: string | null;
}

function toRow({ error, bytesPerSecond: _speed, secondsLeft: _left, ...download }: Download) {
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
    bytesDone: row.bytes_done,
    bytesTotal: row.bytes_total,
    filesDone: row.files_done,
    filesTotal: row.files_total,
    bytesPerSecond: null,
    secondsLeft: null,
    error: row.error === null ? null : (JSON.parse(row.error) as Failure),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
  };
}

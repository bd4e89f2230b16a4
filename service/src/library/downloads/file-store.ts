import type { Database } from "../../platform/database/open.ts";
import type { TreeFile } from "../hub/index.ts";
import { sizeOf } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** The files of each download's commit. Thousands of rows are read and written in slices, a turn of the loop each. */
export interface FileStore {
  replacePlan(id: string, plan: Plan): Promise<void>;
  /** The plan by path. */
  plan(id: string): Promise<Plan>;
  markVerified(id: string, paths: readonly string[]): Promise<void>;
  /**
   * Which of these blobs we have once proven right for this model, and until when their files must have been written
   * for that to still hold (milliseconds).
   */
  proven(id: string, model: string, blobIds: ReadonlySet<string>): Promise<Map<string, number>>;
}

/** So few that a slice takes no more than two or three milliseconds, for a plan of thousands of files too. */
const sliceRows = 200;
/** Older downloads of the same model are not asked: what they proved is then read again. */
const askedDownloads = 5;

export function createFileStore(database: Database): FileStore {
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
  const finished = database.prepare(
    `SELECT id, finished_at AS until FROM downloads WHERE model_id = @model AND state = 'completed'
     ORDER BY created_at DESC, id DESC LIMIT ${askedDownloads}`,
  );
  const begun = database.prepare("SELECT id, created_at AS until FROM downloads WHERE id = @id");

  async function* rowsOf(id: string): AsyncGenerator<FileRow> {
    for (let after = ""; ; await nextTurn()) {
      const rows = fileSlice.all({ id, after }) as FileRow[];
      yield* rows;
      const last = rows.at(-1);
      if (!last) return;
      after = last.path;
    }
  }

  return {
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
      for await (const row of rowsOf(id)) (row.state === "left-out" ? leftOut : chosen).push(toFile(row));
      return { chosen, leftOut, bytesTotal: sizeOf(chosen) };
    },
    async markVerified(id, paths) {
      for (let start = 0; start < paths.length; start += sliceRows) {
        if (start > 0) await nextTurn();
        markSlice(id, paths.slice(start, start + sliceRows));
      }
    },
    async proven(id, model, blobIds) {
      const found = new Map<string, number>();
      // What this very download proved counts for files that were there before it: its own are vouched for by parts.
      const sources = [...begun.all({ id }), ...finished.all({ model })] as { id: string; until: string }[];
      for (const source of sources) {
        if (found.size === blobIds.size) break;
        const until = Date.parse(source.until);
        for await (const { state, blob_id: blobId } of rowsOf(source.id))
          if (state === "verified" && blobIds.has(blobId)) found.set(blobId, Math.max(until, found.get(blobId) ?? 0));
      }
      return found;
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

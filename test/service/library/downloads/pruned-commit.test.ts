import { rmSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { repositoryLayout } from "../../../../service/src/library/downloads/layout.ts";
import type { PlannedFile } from "../../../../service/src/library/downloads/messages.ts";
import { commitDownload } from "../../../../service/src/library/downloads/worker/commit/committer.ts";
import type { CommitStep } from "../../../../service/src/library/downloads/worker/commit/committer.ts";
import { writeJournal } from "../../../../service/src/library/downloads/worker/parts/journal.ts";
import { scanWithPython } from "../models/python-scan.ts";
import { failureOf, temporaryFolder } from "../parts.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const content = JSON.stringify({ model_type: "llama" });
const sizeBytes = content.length;
const blobId = createHash("sha1").update(`blob ${sizeBytes}\0${content}`).digest("hex");
const file: PlannedFile = { path: "config.json", sizeBytes, blobId, algorithm: "git-sha1", xetHash: null };
const commit = "1".repeat(40);

/** `hf cache prune` takes a revision that no name points at for garbage, and with the only one the whole repository. */
test.each(["snapshot", "tag", "ref"] as const)(
  "a revision that is pruned after the step %s is told of, and no name is left that leads nowhere",
  async (step: CommitStep) => {
    const layout = repositoryLayout(folder.path, "own/tiny");
    await mkdir(layout.parts, { recursive: true });
    await writeFile(layout.part(blobId, "dl_1"), content);
    const record = { sizeBytes, ranges: [[0, sizeBytes]] as [number, number][], isVerified: true };
    await writeJournal(layout, "dl_1", new Map([[blobId, record]]));
    const plan = { layout, cachePath: folder.path, downloadId: "dl_1", commit, revision: "main", movesRef: true };
    const ended = commitDownload({ ...plan, files: [file], listing: null }, (done) => {
      if (done !== step) return;
      for (const place of [layout.snapshots, layout.blobs, layout.trees])
        rmSync(place, { recursive: true, force: true });
    });
    expect((await failureOf(ended)).code).toBe("conflict");
    // What is ours stays hidden until the download is tried again or given up.
    expect((await readdir(layout.root)).filter((name) => !name.startsWith("."))).toEqual(["snapshots"]);
    expect((await scanWithPython(folder.path)).warnings).toEqual([]);
  },
);

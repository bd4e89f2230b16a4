/**
 * A commit that ends its own process at a step: `node dying-commit.ts FILE`, where FILE holds the commit as JSON and
 * the step, with how many times it is passed before. Without a step it runs to the end. Prints the steps it passed.
 */
import { readFileSync, writeSync } from "node:fs";
import { repositoryLayout } from "../../service/src/library/downloads/layout.ts";
import { commitDownload } from "../../service/src/library/downloads/worker/commit/committer.ts";
import type { Commit, CommitStep } from "../../service/src/library/downloads/worker/commit/committer.ts";

export interface DyingCommit {
  readonly commit: Omit<Commit, "layout"> & { readonly model: string };
  readonly dieAt: { readonly step: CommitStep; readonly passes: number } | null;
}

const { commit, dieAt } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as DyingCommit;
let passes = 0;
const layout = repositoryLayout(commit.cachePath, commit.model);
await commitDownload({ ...commit, layout }, (step) => {
  writeSync(1, `${step}\n`);
  if (step !== dieAt?.step) return;
  passes += 1;
  if (passes > dieAt.passes) process.kill(process.pid, "SIGKILL");
});

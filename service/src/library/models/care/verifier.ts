import { Worker } from "node:worker_threads";
import type { Job } from "../../../contract/jobs.ts";
import type { Jobs, JobContext } from "../../../core/jobs/index.ts";
import { timestamp } from "../../../platform/clock.ts";
import type { Clock } from "../../../platform/clock.ts";
import { AppError, isAbort } from "../../../platform/errors.ts";
import type { Hub } from "../../hub/index.ts";
import { expectedFiles, withHubTree } from "../cache/expected-files.ts";
import type { ExpectedFile } from "../cache/expected-files.ts";
import type { LocalModel, LocalRevision } from "../local-model.ts";
import { statOrNull } from "../cache/snapshot-files.ts";
import type { StoredVerification } from "../store.ts";
import type { FileVerdict, VerifyReport } from "../worker/verify.ts";

/** Reads a revision's files again, as a job of kind `verify`, and keeps what it found. */
export interface Verifier {
  /** Starts, or answers the active job. @throws AppError `model_not_found`, `revision_not_found` */
  start(id: string, revision: string): Job;
}

export interface VerifierOptions {
  readonly jobs: Jobs;
  /** Asked for checksums that nothing here knows; not while offline. */
  readonly hub: Pick<Hub, "offline" | "tree">;
  readonly models: VerifiedModels;
  /** The worker's entry. */
  readonly program: string;
  readonly clock: Clock;
}

export interface VerifiedModels {
  get(id: string): LocalModel;
  getRevision(id: string, name: string): LocalRevision;
  hold(id: string, revision: string, reason: string): () => void;
  stampNow(id: string): Promise<string>;
  keepVerification(verification: StoredVerification): void;
}

export function createVerifier({ jobs, hub, models, program, clock }: VerifierOptions): Verifier {
  /** Checksums from the Hub where the cache has none; without them the files stay unknown. */
  const complete = async (
    files: ExpectedFile[],
    model: LocalModel,
    { revision, path }: LocalRevision,
    context: JobContext,
  ): Promise<ExpectedFile[]> => {
    const isUnknown = files.some(({ checksum }) => checksum === null);
    if (!isUnknown || model.source !== "hub-cache" || hub.offline) return files;
    try {
      return withHubTree(files, await hub.tree(model.id, revision, context.signal), path);
    } catch (error) {
      if (isAbort(error) || context.signal.aborted) throw error;
      context.log(`The Hub did not tell the checksums: ${error instanceof AppError ? error.message : String(error)}`);
      return files;
    }
  };

  const run = async (subject: string, context: JobContext): Promise<void> => {
    const [id = "", name = ""] = subject.split("@");
    const model = models.get(id);
    const revision = models.getRevision(id, name);
    const release = models.hold(id, revision.revision, "It is being verified.");
    try {
      context.progress({ phase: "listing" });
      const stamp = await models.stampNow(id);
      const known = await expectedFiles(model.location, revision.revision, revision.path);
      const files = await complete(known, model, revision, context);
      const { verdicts, bytes } = await readAll(program, files, context);
      const wrongFiles = verdicts.flatMap(({ state, ...file }) =>
        state === "right" || state === "unknown" ? [] : [{ ...file, state }],
      );
      const filesUnknown = verdicts.filter(({ state }) => state === "unknown").length;
      for (const { path, state } of wrongFiles) context.log(`${path}: ${state}`);
      context.log(`${verdicts.length} files, ${wrongFiles.length} wrong, ${filesUnknown} without a known checksum`);
      models.keepVerification({
        ...{ model: id, revision: revision.revision, stamp, wrongFiles, filesUnknown },
        result: wrongFiles.length > 0 ? "wrong" : filesUnknown > 0 ? "unknown" : "right",
        ...{ filesChecked: verdicts.length - filesUnknown, bytesChecked: bytes, verifiedAt: timestamp(clock) },
      });
    } finally {
      release();
    }
  };

  jobs.register("verify", { afterRestart: "queue", run });
  return {
    start: (id, revision) => jobs.start("verify", `${id}@${models.getRevision(id, revision).revision}`),
  };
}

async function readAll(
  program: string,
  files: readonly ExpectedFile[],
  { signal, progress }: JobContext,
): Promise<{ verdicts: FileVerdict[]; bytes: number }> {
  signal.throwIfAborted();
  let total = 0;
  for (const { place } of files) total += (await statOrNull(place))?.size ?? 0;
  progress({ phase: "checking", done: 0, total, unit: "bytes" });
  const worker = new Worker(program, { workerData: files, execArgv: ["--disable-warning=ExperimentalWarning"] });
  const stop = () => void worker.terminate();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      worker.on("message", (report: VerifyReport) => {
        if (report.type === "verdicts") resolve({ verdicts: report.verdicts, bytes: report.bytes });
        else progress({ phase: "checking", done: report.done, total, unit: "bytes" });
      });
      worker.on("error", reject);
      worker.on("exit", () => reject(signal.aborted ? signal.reason : new Error("The verification ended early.")));
    });
  } finally {
    signal.removeEventListener("abort", stop);
    await worker.terminate();
  }
}

import * as z from "zod";
import { Bytes, ModelId, OpaqueId, Revision, Timestamp, page, pageQuery } from "./common.ts";
import { Failure } from "./error.ts";

export const DownloadState = z
  .enum(["queued", "planning", "downloading", "paused", "verifying", "committing", "completed", "failed", "cancelled"])
  .meta({ id: "DownloadState" });
export type DownloadState = z.infer<typeof DownloadState>;

export const PauseReason = z.enum(["user", "disk_full"]).meta({ id: "PauseReason" });

export const DownloadPriority = z
  .enum(["low", "normal", "high"])
  .meta({ id: "DownloadPriority", description: "A higher one takes the place of a lower one that is at work." });
export type DownloadPriority = z.infer<typeof DownloadPriority>;

export const Download = z
  .strictObject({
    id: OpaqueId,
    model: ModelId,
    revision: Revision.meta({ description: "What was asked for, for example `main`." }),
    commit: z.string().nullable().meta({ description: "The commit sha it was pinned to while planning." }),
    state: DownloadState,
    pauseReason: PauseReason.nullable(),
    priority: DownloadPriority,
    bytesDone: Bytes,
    bytesVerified: Bytes.meta({ description: "Of the bytes done: checked so far. Reaches the total in `verifying`." }),
    bytesTotal: Bytes.nullable(),
    filesDone: z.int(),
    filesTotal: z.int().nullable(),
    bytesPerSecond: z.number().nullable(),
    secondsLeft: z.number().nullable(),
    connections: z.int().nonnegative().meta({ description: "Open right now; 0 when nothing is fetched." }),
    error: Failure.nullable(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    finishedAt: Timestamp.nullable(),
  })
  .meta({ id: "Download" });
export type Download = z.infer<typeof Download>;

export const DownloadPage = page("DownloadPage", Download);
export const DownloadQuery = z.strictObject({
  ...pageQuery,
  state: DownloadState.optional(),
  active: z.stringbool().optional(),
});
export const DownloadParams = z.strictObject({ id: OpaqueId });
export const DownloadCreate = z
  .strictObject({
    model: ModelId,
    revision: Revision.default("main"),
    priority: DownloadPriority.default("normal"),
    files: z
      .array(z.string().min(1).max(1000))
      .min(1)
      .max(5000)
      .optional()
      .meta({ description: "Glob patterns; left out: everything a model needs." }),
  })
  .meta({ id: "DownloadCreate" });
export type DownloadCreate = z.infer<typeof DownloadCreate>;

export const DownloadPatch = z.strictObject({ priority: DownloadPriority }).meta({ id: "DownloadPatch" });
export type DownloadPatch = z.infer<typeof DownloadPatch>;

import * as z from "zod";
import { OpaqueId, Timestamp, page, pageQuery } from "./common.ts";
import { Failure } from "./error.ts";

/** Kinds of long work that is not a download. Restarted after a crash or not: `core/jobs`. */
export const JobKind = z
  .enum(["engine-install", "engine-remove", "verify", "probe", "convert"])
  .meta({ id: "JobKind" });
export type JobKind = z.infer<typeof JobKind>;

export const JobState = z.enum(["queued", "running", "succeeded", "failed", "cancelled"]).meta({ id: "JobState" });
export type JobState = z.infer<typeof JobState>;

export const Job = z
  .strictObject({
    id: OpaqueId,
    kind: JobKind,
    subject: z.string().meta({
      description:
        "What the job works on: an engine id, `owner/name@commit`, or for a conversion the model that it makes.",
    }),
    state: JobState,
    phase: z.string().nullable(),
    done: z.number().nullable(),
    total: z.number().nullable(),
    unit: z.enum(["bytes", "packages", "steps"]).nullable(),
    error: Failure.nullable(),
    createdAt: Timestamp,
    startedAt: Timestamp.nullable(),
    finishedAt: Timestamp.nullable(),
  })
  .meta({ id: "Job" });
export type Job = z.infer<typeof Job>;

export const JobPage = page("JobPage", Job);
export const JobQuery = z.strictObject({ ...pageQuery, kind: JobKind.optional(), state: JobState.optional() });
export const JobParams = z.strictObject({ id: OpaqueId });

export const LogQuery = z.strictObject({
  follow: z.stringbool().default(false),
  tail: z.coerce.number().int().min(0).max(10_000).default(200),
});

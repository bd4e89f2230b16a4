import type { Job } from "../api/schemas.ts";
import { formatPercent } from "./percent.ts";

const OVER = new Set<string>(["succeeded", "failed", "cancelled"]);

export function isOver({ state }: Pick<Job, "state">): boolean {
  return OVER.has(state);
}

/** `asking: tools · 33%`, as far as the job tells. */
export function jobProgressText({ phase, state, done, total }: Job): string {
  return [phase ?? state, formatPercent(done, total)].filter((part) => part !== "").join(" · ");
}

/** The jobs that are at work on this model now, of any revision. */
export function jobsOf(model: string, jobs: readonly Job[]): Job[] {
  return jobs.filter((job) => !isOver(job) && job.subject.split("@")[0] === model && job.kind !== "convert");
}

/** What is going on, in a word: `Probing`. A job of a newer service is shown by its kind. */
export function jobTitle(kind: string): string {
  return { probe: "Probing", verify: "Verifying", convert: "Quantizing" }[kind] ?? kind;
}

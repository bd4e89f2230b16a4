import type { Engine, Job } from "../api/schemas.ts";
import type { LiveState } from "../api/live-state.ts";
import { jobProgressText } from "../format/job-text.ts";

export interface EngineNews {
  engine: Engine;
  /** The installation under way. */
  job: Job | undefined;
  title: string;
  description: string;
}

/** What there is to say about the engine; undefined when it is installed, or not known. An update does not stop the old one. */
export function engineNews({ engines, jobs }: Pick<LiveState, "engines" | "jobs">): EngineNews | undefined {
  const engine = engines[0];
  if (engine === undefined || engine.state === "installed" || engine.state === "updating") return undefined;
  const job = jobs.find(({ id }) => id === engine.jobId);
  return { engine, job, ...texts(engine, job) };
}

function texts(engine: Engine, job: Job | undefined): { title: string; description: string } {
  const { id, reason } = engine;
  switch (engine.state) {
    case "installing":
      return { title: "Engine Is Being Installed", description: jobText(job) };
    case "absent":
      return {
        title: "Engine Not Installed",
        description: `Models run in ${id}, which the service downloads once. Press Enter to install it.`,
      };
    case "unsupported":
      return {
        title: "Engine Not Supported Here",
        description: reason?.message ?? "MLX needs a Mac with Apple silicon and macOS 14 or later.",
      };
    default:
      return { title: "Engine Broken", description: reason?.message ?? "Press Enter to install it again." };
  }
}

/** `resolving · 42%`, as far as the job tells. */
export function jobText(job: Job | undefined): string {
  return job === undefined ? "Models run as soon as it is done." : jobProgressText(job);
}

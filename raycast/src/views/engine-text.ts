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

/** A row of the list of engines: any engine, in whatever state. */
export function engineRow(engine: Engine, jobs: readonly Job[]): EngineNews {
  const job = jobs.find(({ id }) => id === engine.jobId);
  return { engine, job, title: engine.id, description: rowText(engine, job) };
}

function rowText({ id, state, version, reason }: Engine, job: Job | undefined): string {
  if (job !== undefined) return jobProgressText(job);
  if (state === "installed" && version !== null) return `${version}, runs ${PURPOSES[id] ?? "models"}`;
  return reason?.message ?? `Runs ${PURPOSES[id] ?? "models"}`;
}

const PURPOSES: Record<string, string> = {
  "mlx-lm": "text",
  "mlx-vlm": "images and sound",
  "mlx-openai-server": "embeddings, images and transcription",
};

/** The version an update would install; undefined when there is none, or going forward again does it. */
export function updateVersion({ state, version, availableVersion, previousVersion }: Engine): string | undefined {
  const isNewer = state === "installed" && version !== availableVersion && previousVersion !== availableVersion;
  return isNewer ? availableVersion : undefined;
}

/** `Roll Back to 0.28.0`; from an older version it is the way forward again. */
export function switchTitle({ availableVersion, previousVersion }: Engine): string | undefined {
  if (previousVersion === null) return undefined;
  return previousVersion === availableVersion ? `Go Forward to ${previousVersion}` : `Roll Back to ${previousVersion}`;
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

import type { Jobs } from "../../../core/jobs/index.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import { findPlace } from "../../../platform/place.ts";
import type { Hub } from "../../hub/index.ts";
import type { Models } from "../service.ts";
import { createUpdates } from "./updates.ts";
import type { Updates } from "./updates.ts";
import { createVerifier } from "./verifier.ts";
import type { Verifier } from "./verifier.ts";

/** What is done for models with the help of jobs and the Hub. */
export interface ModelCare {
  readonly verifier: Verifier;
  readonly updates: Updates;
}

export interface ModelCareOptions {
  readonly models: Models;
  readonly jobs: Jobs;
  readonly hub: Pick<Hub, "offline" | "repository" | "tree">;
  /** The setting `checkForUpdates`. */
  readonly checksForUpdates: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

export function createModelCare({ models, jobs, hub, checksForUpdates, clock, log }: ModelCareOptions): ModelCare {
  const program = findPlace().worker("library/models/worker/verify");
  return {
    verifier: createVerifier({ jobs, hub, models, program, clock }),
    updates: createUpdates({ hub, models, isOn: checksForUpdates, clock, log }),
  };
}

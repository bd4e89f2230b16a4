import type { EngineId } from "../../contract/engines.ts";
import type { Job } from "../../contract/jobs.ts";
import type { LongestPrompt, Measurement } from "../../contract/measurements.ts";
import type { JobContext, Jobs } from "../../core/jobs/index.ts";
import { fitOf, servedTask } from "../../library/models/index.ts";
import type { LocatedModel } from "../../library/models/index.ts";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import { AppError } from "../../platform/errors.ts";
import type { Events } from "../../platform/events.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Pool } from "../pool/index.ts";
import type { Profiles } from "../profiles/index.ts";
import { createMeasurements } from "./measurements.ts";
import type { EngineVersions, KnownModels } from "./measurements.ts";
import { watchMemory } from "./memory-watch.ts";
import { probeProfile } from "./probe-profile.ts";
import type { Found } from "./probe-run.ts";
import type { ProbeAsk } from "./question.ts";
import { runProbe, stepsOf } from "./run-probe.ts";
import { createMeasurementStore } from "./store.ts";
import { within } from "./within.ts";

/** Runs models to see what they really do, and keeps what was seen. */
export interface Probing {
  /** Starts the job, or answers the active one. @throws AppError `model_not_found`, `revision_not_found` */
  start(model: string, revision: string): Job;
  /** What is known of the revision that `main` means, or of the one that is named; null: it was never probed. */
  measured(model: string, revision?: string): Measurement | null;
  /** The same, where it still holds: neither the files nor the engine have changed since. */
  usable(model: string, revision?: string): Measurement | null;
  close(): void;
}

export interface ProbingDependencies {
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly jobs: Jobs;
  readonly models: KnownModels & {
    locate(id: string, revision: string): LocatedModel;
    hold(id: string, revision: string, reason: string): () => void;
    stampNow(id: string): Promise<string>;
  };
  readonly profiles: Pick<Profiles, "implicitFor">;
  readonly engines: EngineVersions;
  readonly pool: Pick<Pool, "ensureReady" | "get" | "stop">;
  readonly machine: { memory(): { readonly limitBytes: number } };
  readonly settings: { values(): { readonly fitContextTokens: number } };
  readonly ask: ProbeAsk;
}

/** No single answer may take longer: twice what the longest prompt that is tried should take to read. */
const answerDeadlineMs = 300_000;

export function createProbing(dependencies: ProbingDependencies): Probing {
  const { events, clock, ids, jobs, models, profiles, engines, pool, machine, settings } = dependencies;
  const store = createMeasurementStore(dependencies.database);
  const measurements = createMeasurements({ store, events, models, engines });

  /** The longest context that is worth trying here. */
  const longestOf = ({ facts, weightBytes }: LocatedModel): LongestPrompt => {
    const { fitContextTokens } = settings.values();
    const { contextLength: modelContext, memory } = facts;
    const { limitBytes } = machine.memory();
    const fit = fitOf(memory, { weightBytes, contextTokens: fitContextTokens, limitBytes, modelContext });
    const wanted = fit.contextTokens;
    const fitting = fit.largestContext ?? wanted;
    if (fitting >= 256 && fitting < wanted) return { tokens: fitting, endedBy: "memory" };
    return { tokens: wanted, endedBy: wanted === modelContext ? "model" : "setting" };
  };

  const probe = async (location: LocatedModel, context: JobContext): Promise<[Found, EngineId]> => {
    const { signal } = context;
    const { model, revision, facts } = location;
    const longest = longestOf(location);
    const profile = probeProfile(profiles.implicitFor(model), ids("probe"), longest.tokens);
    const steps = createSteps(context, stepsOf(facts.capabilities, longest));
    try {
      steps.next("loading");
      const lease = await pool.ensureReady({ profile, revision }, signal, ({ phase, ...amount }) => {
        context.progress({ phase, ...amount });
      });
      const { serverId, engine } = lease;
      const latest = () => pool.get(serverId).memory;
      const memory = watchMemory({ serverId, events, clock, latest });
      try {
        lease.release();
        const loaded = await memory.fresh(signal);
        const found = await runProbe({
          ...{ declared: facts.capabilities, longest, loaded, memory, signal, log: context.log, step: steps.next },
          ask: (request) =>
            within(clock, answerDeadlineMs, signal, (limited) =>
              dependencies.ask({ profile, revision, request, signal: limited }),
            ),
        });
        return [found, engine];
      } finally {
        memory.close();
      }
    } finally {
      await pool.stop(profile.id);
    }
  };

  const run = async (subject: string, context: JobContext): Promise<void> => {
    const [id = "", revision = ""] = subject.split("@");
    const location = models.locate(id, revision);
    const release = models.hold(id, revision, "It is being probed.");
    try {
      const stamp = await models.stampNow(id);
      const [found, engine] = await probe(location, context);
      const engineVersion = engines.versionOf(engine);
      if (engineVersion === null) throw new AppError("conflict", "The engine was removed meanwhile. Probe again.");
      context.signal.throwIfAborted();
      measurements.keep({
        ...{ model: id, revision, engine, engineVersion, stamp, ...found },
        measuredAt: timestamp(clock),
      });
    } finally {
      release();
    }
  };

  jobs.register("probe", { afterRestart: "fail", run });
  return {
    start(model, revision) {
      const located = models.locate(model, revision);
      if (servedTask(profiles.implicitFor(model).engine, located.facts) !== "chat") {
        throw new AppError("unsupported", `A probe asks questions, and ${model} does not chat.`);
      }
      return jobs.start("probe", `${model}@${located.revision}`);
    },
    measured: measurements.of,
    usable(model, revision) {
      const measured = measurements.of(model, revision);
      return measured?.current === true ? measured : null;
    },
    close: measurements.close,
  };
}

function createSteps({ progress, log }: JobContext, total: number) {
  let done = 0;
  return {
    next(name: string): void {
      log(name);
      progress({ phase: name, done, total, unit: "steps" });
      done += 1;
    },
  };
}

import { statfs } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import type { ModelConvert, ModelParent } from "../../contract/conversions.ts";
import type { Job } from "../../contract/jobs.ts";
import type { JobContext, Jobs } from "../../core/jobs/index.ts";
import { supportOf } from "../../library/models/index.ts";
import type { LocalModel, Models } from "../../library/models/index.ts";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import { AppError } from "../../platform/errors.ts";
import type { Engines } from "../engines/index.ts";
import { checkResult } from "./check-result.ts";
import { convertSteps } from "./convert-command.ts";
import { diskFull } from "./failures.ts";
import { planConversion } from "./plan.ts";
import type { ConversionPlan } from "./plan.ts";
import { runConvert } from "./run-convert.ts";
import type { ConvertProgram } from "./run-convert.ts";
import { createConversionStore } from "./store.ts";
import { createWorkshop, nearestFolder } from "./workshop.ts";

/** Makes quantized models of the ones that are here. */
export interface Converting {
  /**
   * Starts the job, or answers the active one of the very same conversion.
   * @throws AppError `model_not_found`, `revision_not_found`, `unsupported`, `conflict` for a name that is taken,
   * `disk_full` before anything is written.
   */
  start(model: string, revision: string, options: ModelConvert): Promise<Job>;
  /** What a model was made from; null: not made here. */
  parentOf(model: string): ModelParent | null;
  /** Removes what a crash left. Call after the library knows its models, before jobs are taken up. */
  recover(): Promise<void>;
  close(): void;
}

export interface ConvertingDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly models: Pick<Models, "adopt" | "find" | "hold" | "locate" | "onRemoved">;
  readonly engines: Pick<Engines, "ensureInstalled" | "hold">;
  /** Models that were made here. */
  readonly modelsPath: string;
  /** Our program that runs `mlx_lm`. */
  readonly script: string;
  readonly childEnvironment: Readonly<Record<string, string>>;
  readonly parts?: ConvertingParts | undefined;
}

/** Put in place of the real ones by tests. */
export interface ConvertingParts {
  readonly program?: ConvertProgram;
  readonly freeBytes?: (folder: string) => Promise<number>;
}

const engine = "mlx-lm";

export function createConverting(dependencies: ConvertingDependencies): Converting {
  const { clock, jobs, models, engines, modelsPath, script, childEnvironment, parts = {} } = dependencies;
  const { freeBytes = freeBytesOf } = parts;
  const store = createConversionStore(dependencies.database);
  const workshop = createWorkshop(modelsPath);
  const parents = store.parents();
  /** By the model they make. A job lives no longer than the service, so its plan need not either. */
  const plans = new Map<string, ConversionPlan>();

  const forget = (model: string): void => {
    if (parents.delete(model)) store.remove(model);
  };
  const stopListening = models.onRemoved(forget);

  const plan = (id: string, revision: string, options: ModelConvert): ConversionPlan => {
    const location = models.locate(id, revision);
    const { architecture, customCode } = location.facts;
    // Without capabilities it answers for text alone, which is what is converted.
    if (supportOf(architecture, customCode).supported === false) {
      throw new AppError("unsupported", `The engine does not run ${id}, so it cannot convert it either.`);
    }
    return planConversion(location, sizeOf(models.find(id), location.revision), options);
  };

  const run = async (target: string, context: JobContext): Promise<void> => {
    const planned = plans.get(target);
    if (planned === undefined) throw new AppError("internal", "The plan of this conversion is lost. Start it again.");
    const { parent, name } = planned;
    const releases = [models.hold(parent.model, parent.revision, `It is being converted to ${target}.`)];
    try {
      context.progress({ phase: "preparing" });
      const environment = await engines.ensureInstalled(engine, context.signal, (progress) => {
        const { done, total } = progress;
        context.progress({
          phase: "installing",
          ...(done === null ? {} : { done }),
          ...(total === null ? {} : { total }),
        });
      });
      releases.push(engines.hold(engine));
      const folder = await workshop.begin(name);
      const source = models.locate(parent.model, parent.revision).path;
      const folders = { source, unpacked: `${folder}/unpacked`, result: `${folder}/result` };
      await runConvert({
        program: parts.program ?? { file: environment.python, words: [script] },
        ...{ steps: convertSteps(planned, folders), folder, neededBytes: planned.neededBytes, clock, context },
        environment: quiet(childEnvironment),
      });
      context.progress({ phase: "checking" });
      await checkResult(folders.result);
      context.signal.throwIfAborted();
      await moveIn(planned, folders.result);
    } finally {
      plans.delete(target);
      await workshop.leave(name);
      for (const release of releases) release();
    }
  };

  /** The row first: a folder without one could be anybody's, and would stay for ever. */
  const moveIn = async ({ target, name, parent, options }: ConversionPlan, result: string): Promise<void> => {
    if (models.find(target) !== null || (await workshop.exists(name))) throw taken(target);
    store.save({ model: target, parent, options, convertedAt: timestamp(clock) });
    parents.set(target, parent);
    try {
      await workshop.finish(name, result);
      await models.adopt(workshop.place(name), name);
    } catch (error) {
      forget(target);
      await workshop.removePlace(name);
      throw error;
    }
  };

  jobs.register("convert", { afterRestart: "fail", run });
  return {
    async start(id, revision, options) {
      const planned = plan(id, revision, options);
      const { target, name, neededBytes } = planned;
      const folder = await nearestFolder(modelsPath);
      const [free, isTaken] = [await freeBytes(folder), await workshop.exists(name)];
      // From here to the job's start nothing may wait: two of the same name would both pass.
      const active = jobs.active("convert", target);
      if (active !== null) {
        if (isDeepStrictEqual(plans.get(target), planned)) return active;
        throw new AppError("conflict", `${target} is being made already. Give this one another name.`);
      }
      if (isTaken || models.find(target) !== null) throw taken(target);
      if (free < neededBytes) throw diskFull(neededBytes, free);
      plans.set(target, planned);
      return jobs.start("convert", target);
    },
    parentOf: (model) => parents.get(model) ?? null,
    async recover() {
      await workshop.recover();
      for (const model of [...parents.keys()]) {
        if (models.find(model) !== null) continue;
        await workshop.removePlace(model.slice("local/".length));
        forget(model);
      }
    },
    close: stopListening,
  };
}

function taken(target: string): AppError {
  return new AppError("conflict", `There is a model ${target} already. Give this one another name.`);
}

function sizeOf(model: LocalModel | null, revision: string): number {
  return model?.revisions.find((one) => one.revision === revision)?.sizeBytes ?? 0;
}

/** No word to the Hub: everything it needs lies here. */
function quiet(environment: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => /^(PATH|HOME|TMPDIR|LANG|LC_\w+|USER)$/.test(name));
  const offline = { HF_HUB_OFFLINE: "1", TRANSFORMERS_OFFLINE: "1", HF_HUB_DISABLE_TELEMETRY: "1" };
  return { ...Object.fromEntries(kept), ...offline, PYTHONUNBUFFERED: "1" };
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

import type { JobContext } from "../../core/jobs/index.ts";
import type { Clock } from "../../platform/clock.ts";
import { ToolError, forgetTool, noteTool, runTool } from "../engines/index.ts";
import type { ConvertStep } from "./convert-command.ts";
import { explainFailure } from "./failures.ts";
import { folderBytes } from "./workshop.ts";

/** How `mlx_lm` is run: the engine's Python and our program, which ends with the service. */
export interface ConvertProgram {
  readonly file: string;
  readonly words: readonly string[];
}

export interface ConvertRun {
  readonly program: ConvertProgram;
  readonly steps: readonly ConvertStep[];
  /** The folder that holds all that is made; the tool is noted beside it. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What it will hold at its fullest. */
  readonly neededBytes: number;
  readonly clock: Clock;
  readonly context: JobContext;
}

const lookMs = 500;

/** Runs the steps one after the other; what they write is the progress. @throws AppError, or the signal's reason. */
export async function runConvert(run: ConvertRun): Promise<void> {
  const { program, steps, folder, environment, neededBytes, clock, context } = run;
  let phase = "starting";
  const watch = watchFolder(folder, clock, (bytes) => {
    context.progress({ phase, done: Math.min(bytes, neededBytes), total: neededBytes, unit: "bytes" });
  });
  try {
    for (const step of steps) {
      phase = step.phase;
      context.progress({ phase, done: 0, total: neededBytes, unit: "bytes" });
      await runTool({
        ...{
          file: program.file,
          words: [...program.words, ...step.words],
          environment,
          signal: context.signal,
          folder,
        },
        ...{ clean: (line: string) => line, onLine: context.log, endsWithUs: true },
        onStart: (pid) => noteTool(folder, pid),
      });
    }
  } catch (error) {
    if (error instanceof ToolError) throw explainFailure(error.output, neededBytes);
    throw error;
  } finally {
    watch();
    forgetTool(folder);
  }
}

/** Tells how many bytes lie in the folder, now and then. @returns what ends it. */
function watchFolder(folder: string, clock: Clock, tell: (bytes: number) => void): () => void {
  let isOver = false;
  let cancel: () => void = () => undefined;
  const look = (): void => {
    folderBytes(folder)
      .then((bytes) => {
        if (isOver) return;
        tell(bytes);
        cancel = clock.after(lookMs, look);
      })
      // A folder that cannot be looked at costs the progress, not the work.
      .catch(() => (isOver = true));
  };
  cancel = clock.after(lookMs, look);
  return () => {
    isOver = true;
    cancel();
  };
}

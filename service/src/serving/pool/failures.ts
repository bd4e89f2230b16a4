import { AppError } from "../../platform/errors.ts";

/** How a process ended, as the system tells it. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What an engine said last through its control stream. */
export interface FatalReport {
  readonly code: string;
  readonly message: string;
}

const advice: Readonly<Record<string, string>> = {
  out_of_memory: "The model does not fit into memory. Stop other models or choose a smaller one.",
  model_load_failed: "The engine could not load the model. Check its log, or download the model again.",
  import_failed: "The engine is damaged. Remove it and install it again.",
  port_unavailable: "No free port was found for the engine. Change the first port in the settings.",
  invalid_options: "The engine refused the profile's options. Change them and start again.",
  generation_thread_died: "The engine stopped generating.",
};

/** Why a process ended by itself. The tail travels in `details`, without local paths. */
export function engineEnded(
  exit: ProcessExit,
  fatal: FatalReport | null,
  stderrTail: readonly string[],
  cause?: unknown,
): AppError {
  const how = exit.signal === null ? `with code ${String(exit.code)}` : `by ${exit.signal}`;
  const message =
    fatal === null
      ? `The engine ended ${how}. See the server's log.`
      : (advice[fatal.code] ?? "The engine failed. See the server's log.");
  const details = {
    exitCode: exit.code,
    signal: exit.signal,
    ...(fatal ? { engineCode: fatal.code, engineMessage: withoutPaths(fatal.message.slice(0, 500)) } : {}),
    stderrTail: stderrTail.map(withoutPaths),
  };
  return new AppError("engine_failed", message, { details, cause });
}

export function engineTimedOut(message: string, stderrTail: readonly string[], cause?: unknown): AppError {
  return new AppError("engine_timeout", message, { details: { stderrTail: stderrTail.map(withoutPaths) }, cause });
}

export function engineBroken(message: string, stderrTail: readonly string[], cause?: unknown): AppError {
  return new AppError("engine_failed", message, { details: { stderrTail: stderrTail.map(withoutPaths) }, cause });
}

/** The reason of a server that is left alone after it failed too often. */
export function gaveUp(error: AppError, times: number): AppError {
  const text = `The engine failed ${times} times in ten minutes and is not restarted any more. Start it again when this is repaired: ${error.message}`;
  return new AppError("engine_failed", text, { cause: error, details: { ...error.details, failures: times } });
}

/** What a living engine printed; shown, although it goes on. */
export function engineComplained(exception: string, stderrTail: readonly string[]): AppError {
  const text = `The engine reported an error and goes on: ${withoutPaths(exception.slice(0, 300))}. See the server's log.`;
  return new AppError("engine_failed", text, { details: { stderrTail: stderrTail.map(withoutPaths) } });
}

/** Bytes as a person reads them. */
export function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** An error that the supervisor did not expect; its own words may hold paths, so they stay in the log. */
export function unexpectedFailure(cause: unknown): AppError {
  return new AppError("engine_failed", "The engine could not be started. See the service log.", { cause });
}

/** The line with every absolute path cut to its last part: errors leave the machine, its folders stay. Routes stay too. */
export function withoutPaths(line: string): string {
  return line.replace(/(?<![\w:/.])(?:file:\/\/)?\/(?!v1\/)(?:[^\s/'":,;()[\]<>]+\/)+([^\s/'":,;()[\]<>]*)/g, "…/$1");
}

export interface ToolRun {
  readonly file: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly folder?: string;
  /** Ends the program after so long; without it, only the signal does. */
  readonly limitMs?: number;
  /** Takes out what must not be kept. */
  readonly clean: (line: string) => string;
  readonly onLine?: (line: string) => void;
  /** It gets an open input, whose end tells it that this service is gone; what cares for that, ends with us. */
  readonly endsWithUs?: boolean;
  /** Hears the id of the process, which is its group's too. */
  readonly onStart?: (pid: number) => void;
}

/** A tool that ended badly, with its last lines. Those may name local paths: they are for the log, not for clients. */
export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly output: string;

  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}

const keptLines = 60;

/**
 * Runs one program of the tool chain to its end. It leads a process group of its own: an abort ends it and everything
 * it started, first by SIGTERM, then by SIGKILL.
 * @returns its last lines, of both streams. @throws ToolError, or the signal's reason.
 */
export async function runTool(options: ToolRun): Promise<string> {
  const { file, words, environment, signal, folder, limitMs, clean, onLine, onStart, endsWithUs = false } = options;
  signal.throwIfAborted();
  const lines: string[] = [];
  const { execa } = await import("execa");
  signal.throwIfAborted();
  const child = execa(file, words, {
    ...{
      env: environment,
      extendEnv: false,
      stdin: endsWithUs ? "pipe" : "ignore",
      all: true,
      buffer: false,
      reject: false,
    },
    ...{ cancelSignal: signal, killDescendants: true, forceKillAfterDelay: 2000 },
    ...(folder === undefined ? {} : { cwd: folder }),
    ...(limitMs === undefined ? {} : { timeout: limitMs }),
  });
  if (child.pid !== undefined) onStart?.(child.pid);
  for await (const line of child.iterable({ from: "all" })) {
    const shown = clean(line);
    lines.push(shown);
    if (lines.length > keptLines) lines.shift();
    onLine?.(shown);
  }
  const result = await child;
  signal.throwIfAborted();
  if (result.failed)
    throw new ToolError(clean(result.shortMessage?.split("\n")[0] ?? "The tool failed."), lines.join("\n"));
  return lines.join("\n");
}

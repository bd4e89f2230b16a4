import { execa } from "execa";
import { AppError } from "../../platform/errors.ts";

export interface ToolRun {
  readonly file: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly output: string;

  constructor(file: string, output: string, cause: unknown) {
    super(`${file} failed`, { cause });
    this.output = output;
  }
}

const keptLines = 60;

/**
 * Runs one program of the tool chain to its end; an abort ends it and everything it started. Lines of both streams
 * are handed on without the user names and passwords that index addresses may hold.
 * @throws ToolError with the last lines, or the signal's reason.
 */
export async function runTool({ file, words, environment, signal, onLine }: ToolRun): Promise<string> {
  const lines: string[] = [];
  const child = execa(file, words, {
    ...{ env: environment, extendEnv: false, stdin: "ignore", all: true, buffer: false, reject: false },
    ...{ cancelSignal: signal, killDescendants: true, forceKillAfterDelay: 2000 },
  });
  for await (const line of child.iterable({ from: "all" })) {
    const shown = withoutCredentials(line);
    lines.push(shown);
    if (lines.length > keptLines) lines.shift();
    onLine(shown);
  }
  const result = await child;
  signal.throwIfAborted();
  if (result.failed)
    throw new ToolError(file, lines.join("\n"), new Error(result.shortMessage?.split("\n")[0] ?? "failed"));
  return lines.join("\n");
}

/** `https://user:secret@host` becomes `https://[secret]@host`. */
export function withoutCredentials(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, "$1[secret]@");
}

/** What a person can do about a failed tool, told from its last lines. */
export function explainToolFailure(error: ToolError): AppError {
  const { output } = error;
  const details = { output: output.split("\n").slice(-12).join("\n") };
  const is = (pattern: RegExp) => pattern.test(output);
  if (is(/No space left|ENOSPC|os error 28/i)) {
    return new AppError("disk_full", "The disk is full. Free about 1 GB and install again.", { cause: error, details });
  }
  if (is(/hash mismatch|Hash mismatch|DO NOT MATCH THE HASHES|HashMismatch/i)) {
    return new AppError(
      "checksum_mismatch",
      "A package of the index is not the one our lock names. Check the package index, then install again.",
      { cause: error, details },
    );
  }
  if (is(/certificate|SSL|TLS/)) {
    return new AppError(
      "tls_failed",
      "The package index's certificate is not trusted. Set SSL_CERT_FILE to your certificate file and install again.",
      { cause: error, details },
    );
  }
  if (is(/proxy/i)) {
    return new AppError("proxy_failed", "The proxy refused the package index. Check HTTPS_PROXY, then install again.", {
      cause: error,
      details,
    });
  }
  if (
    is(
      /error sending request|Failed to fetch|Could not connect|Connection refused|timed out|Name or service not known|Temporary failure|NewConnectionError|dns error|Network is unreachable/i,
    )
  ) {
    return new AppError(
      "hub_unreachable",
      "The package index cannot be reached. Check the network or proxy, then install again.",
      { cause: error, details },
    );
  }
  return new AppError("engine_failed", "The engine could not be installed. See the job's log, then install again.", {
    cause: error,
    details,
  });
}

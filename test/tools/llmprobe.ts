import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../node_modules/llmprobe/bin/dist/llmprobe.mjs", import.meta.url));

export interface ProbeFailure {
  readonly id: string;
  readonly severity: "MUST" | "SHOULD" | "MAY";
  readonly message: string;
}

export interface ProbeRow {
  readonly id: string;
  readonly surface: string;
  readonly outcome: "pass" | "fail" | "skipped" | "unsupported" | "inconclusive";
  readonly reason?: string;
  readonly failures: readonly ProbeFailure[];
}

/** What of its report is read here. */
export interface ProbeReport {
  readonly coverage: { readonly entries: readonly { readonly id: string; readonly supported: boolean }[] };
  readonly conformance: {
    readonly passed: number;
    readonly total: number;
    readonly bySurface: readonly { readonly surface: string; readonly passed: number; readonly total: number }[];
    readonly results: readonly ProbeRow[];
  };
}

/**
 * Runs llmprobe's own command line against `url`, which ends with `/v1`, in a home folder that is removed.
 * @throws with what it printed when it gives no report.
 */
export async function runLlmprobe(url: string, model: string, options: readonly string[]): Promise<ProbeReport> {
  const home = await mkdtemp(join(tmpdir(), "mlx-manager-llmprobe-"));
  try {
    const words = [program, url, "--model", model, "--no-bench", "--no-save", "--no-color", "--json", ...options];
    const child = spawn(process.execPath, words, { env: { HOME: home }, stdio: ["ignore", "pipe", "pipe"] });
    const ended = once(child, "close");
    const [printed, said] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    if (!printed.trimStart().startsWith("{")) throw new Error(`llmprobe gave no report:\n${printed}\n${said}`);
    return JSON.parse(printed) as ProbeReport;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Assertions that did not hold, as lines to read. */
export function failures({ conformance }: ProbeReport, severity: ProbeFailure["severity"]): string[] {
  return conformance.results.flatMap(({ id, failures: broken }) =>
    broken.filter((one) => one.severity === severity).map((one) => `${id}: ${one.id}: ${one.message}`),
  );
}

/** Rows that were run and neither passed nor failed. */
export function openRows({ conformance }: ProbeReport): string[] {
  return conformance.results.flatMap(({ id, outcome, reason = "" }) =>
    outcome === "unsupported" || outcome === "inconclusive" ? [`${id}: ${reason}`] : [],
  );
}

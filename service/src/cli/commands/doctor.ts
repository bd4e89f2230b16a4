import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { usageError } from "../command-error.ts";
import { runCheck } from "../doctor/check.ts";
import type { Check, CheckStatus, Finding } from "../doctor/check.ts";
import { runFullChecks } from "../doctor/full-checks.ts";
import { runQuickChecks } from "../doctor/quick-checks.ts";
import { createRedaction, formatReport } from "../doctor/report.ts";
import { exitCodes } from "../exit-codes.ts";
import { parseModelReference } from "../model-reference.ts";
import type { Runtime } from "../runtime.ts";
import type { Styles } from "../terminal.ts";

interface DoctorOptions {
  readonly full?: boolean;
  readonly model?: string;
  readonly output?: string;
}

const usualOutput = "mlx-manager-doctor.md";

export function addDoctor(program: Command, runtime: Runtime): void {
  program
    .command("doctor")
    .description("look for what is wrong and say what to do")
    .option("--full", "prove engine, memory, recovery and download on this machine, and write a report")
    .option("--model <model>", "what --full downloads (left out: a small one of the Hub)")
    .option("--output <file>", `where the report goes (with --full: ${usualOutput})`)
    .action((options: DoctorOptions) => examine(runtime, options));
}

async function examine(runtime: Runtime, { full, model, output }: DoctorOptions): Promise<void> {
  const { terminal, isJson, version, connection, home, exitWith } = runtime;
  const wanted = model === undefined ? undefined : parseModelReference(model).id;
  const redact = createRedaction({ key: connection().key, home: home() });
  const run = async (name: string, look: () => Promise<Finding> | Finding): Promise<Check> => {
    terminal.status(`${name} …`);
    const check = await runCheck(name, look);
    if (!isJson()) show(runtime, check);
    return check;
  };
  const { system, checks: quick } = await runQuickChecks(runtime, run);
  const proven = full === true && system !== null ? await runFullChecks(runtime, run, { model: wanted, system }) : [];
  const report = { version, at: new Date().toISOString(), system, checks: [...quick, ...proven] };
  const path = output ?? (full === true ? usualOutput : null);
  if (path !== null) writeReport(path, formatReport(report, redact));
  const failed = report.checks.filter(({ status }) => status === "fail").length;
  if (isJson()) terminal.json(report);
  else {
    const warned = report.checks.filter(({ status }) => status === "warn").length;
    terminal.line(`${report.checks.length} checks: ${failed} failed, ${warned} to look at.`);
    if (path !== null) terminal.line(`Report: ${path}`);
  }
  exitWith(failed === 0 ? exitCodes.ok : exitCodes.failed);
}

function show({ terminal }: Runtime, { name, status, text, next, seconds }: Check): void {
  const { styles } = terminal;
  const time = seconds >= 1 ? styles.dim(`  ${seconds.toFixed(1)} s`) : "";
  terminal.line(`${styles[colors[status]](status.padEnd(7))}  ${styles.bold(name)}: ${text}${time}`);
  if (next !== undefined) terminal.line(`         ${next}`);
}

const colors: Record<CheckStatus, keyof Styles> = { ok: "green", warn: "yellow", fail: "red", skipped: "dim" };

function writeReport(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown";
    throw usageError(`The report cannot be written to ${path} (${reason}). Give another place with --output.`);
  }
}

import { CommandError } from "../command-error.ts";
import { exitCodes } from "../exit-codes.ts";

export type CheckStatus = "ok" | "warn" | "fail" | "skipped";

export interface Finding {
  readonly status: CheckStatus;
  /** What was seen, in one line. */
  readonly text: string;
  /** What the person can do about it. */
  readonly next?: string;
}

export interface Check extends Finding {
  readonly name: string;
  readonly seconds: number;
}

export const ok = (text: string): Finding => ({ status: "ok", text });
export const warn = (text: string, next: string): Finding => ({ status: "warn", text, next });
export const fail = (text: string, next: string): Finding => ({ status: "fail", text, next });
export const skipped = (text: string): Finding => ({ status: "skipped", text });

/** Runs one check; what it throws is its result, except Ctrl-C, which ends them all. */
export async function runCheck(name: string, look: () => Promise<Finding> | Finding): Promise<Check> {
  const startedAt = performance.now();
  const finding = await settle(look);
  return { name, ...finding, seconds: Math.round(performance.now() - startedAt) / 1000 };
}

async function settle(look: () => Promise<Finding> | Finding): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode === exitCodes.interrupted) throw error;
    return fail(`${error.message} (${error.code})`, "Read the service log and run this again.");
  }
}

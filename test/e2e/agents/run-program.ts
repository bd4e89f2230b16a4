import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { AgentCommand } from "./agent-commands.ts";

export interface ProgramEnd {
  readonly code: number | null;
  readonly printed: string;
  readonly complained: string;
}

/** Runs a program in its own process group, of which nothing is left behind; ended when the signal says so. */
export async function runProgram(
  { file, words, environment, input = "" }: AgentCommand,
  folder: string,
  signal: AbortSignal,
): Promise<ProgramEnd> {
  const child = spawn(file, words, { cwd: folder, env: environment, detached: true, stdio: "pipe" });
  const end = () => killGroup(child.pid);
  signal.addEventListener("abort", end, { once: true });
  const exited = once(child, "exit") as Promise<[number | null]>;
  // What they start may hold the pipes longer than they live.
  void exited.then(end, () => undefined);
  // A program that does not read its input may close it first.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  try {
    const [[code], printed, complained] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
    return { code, printed, complained };
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

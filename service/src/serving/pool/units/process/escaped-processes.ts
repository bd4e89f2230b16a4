import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { wait } from "../../../../platform/clock.ts";
import type { Clock } from "../../../../platform/clock.ts";
import { systemCode } from "../../../../platform/errors.ts";
import { serverMark } from "../child-environment.ts";

/*
 * A program that an engine starts may leave its group (a daemon, `setsid`); signals to the group miss it, and it may
 * hold the engine's pipes and memory for ever. The mark in the environment is inherited, so it is known as ours.
 */

const firstPauseMs = 10;
const longestPauseMs = 200;

/** Pids of running processes that carry the mark of this server, in whatever group. */
export function markedProcesses(serverId: string): number[] {
  const mark = `${serverMark}=${serverId}`;
  return process.platform === "linux" ? linuxMarked(mark) : psMarked(mark);
}

export function signalEscaped(serverId: string, signal: NodeJS.Signals): void {
  for (const pid of markedProcesses(serverId)) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // Gone since the look. Its number cannot have come to mean another within one turn of ours.
      if (systemCode(error) !== "ESRCH") throw error;
    }
  }
}

/**
 * Kills what carries the mark until nothing is left: one that is just starting another is met again.
 * @returns false when `limitMs` went by first.
 */
export async function awaitEscapedEnd(serverId: string, clock: Clock, limitMs: number): Promise<boolean> {
  const endsAt = clock.monotonic() + limitMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    if (markedProcesses(serverId).length === 0) return true;
    signalEscaped(serverId, "SIGKILL");
    const left = endsAt - clock.monotonic();
    if (left <= 0) return false;
    await wait(clock, Math.min(pause, left));
  }
}

function linuxMarked(mark: string): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    // A zombie has no environment any more.
    return readProcess(`/proc/${name}/environ`)?.split("\0").includes(mark) === true ? [Number(name)] : [];
  });
}

function psMarked(mark: string): number[] {
  const text = execFileSync("/bin/ps", ["-A", "-E", "-ww", "-o", "pid=,command="], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return text.split("\n").flatMap((line) => {
    const [pid, ...words] = line.trim().split(/\s+/);
    return words.includes(mark) && Number(pid) !== process.pid ? [Number(pid)] : [];
  });
}

function readProcess(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(systemCode(error) ?? "")) return null;
    throw error;
  }
}

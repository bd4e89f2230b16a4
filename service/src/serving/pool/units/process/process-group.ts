import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { wait } from "../../../../platform/clock.ts";
import type { Clock } from "../../../../platform/clock.ts";
import { systemCode } from "../../../../platform/errors.ts";
import { isGroupAlive, signalGroup } from "../../../../platform/process/identity.ts";

const firstPauseMs = 10;
const longestPauseMs = 200;

/**
 * Waits until no process of the group runs. Zombies do not count: they hold nothing, and where nobody reaps orphans
 * (a container without an init) they would keep the group for ever.
 * @returns false when `limitMs` went by first.
 */
export async function awaitGroupEnd(groupId: number, clock: Clock, limitMs: number): Promise<boolean> {
  const endsAt = clock.monotonic() + limitMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    if (!isGroupRunning(groupId)) return true;
    const left = endsAt - clock.monotonic();
    if (left <= 0) return false;
    await wait(clock, Math.min(pause, left));
  }
}

/** Signals the group if there is one. macOS answers EPERM for a group of zombies: there is nobody to signal either. */
export function signalMembers(groupId: number, signal: NodeJS.Signals): void {
  try {
    signalGroup(groupId, signal);
  } catch (error) {
    if (systemCode(error) !== "EPERM") throw error;
  }
}

export function isGroupRunning(groupId: number): boolean {
  return isGroupAlive(groupId) && groupMembers(groupId).length > 0;
}

/** Pids of the group's processes that are no zombies. */
export function groupMembers(groupId: number): number[] {
  return process.platform === "linux" ? linuxMembers(groupId) : psMembers(groupId);
}

/** The environment variable of another process of this user; null when it cannot be read or is not set. */
export function environmentOf(pid: number, name: string): string | null {
  const prefix = `${name}=`;
  const entries = process.platform === "linux" ? linuxEnvironment(pid) : psEnvironment(pid);
  return entries.find((entry) => entry.startsWith(prefix))?.slice(prefix.length) ?? null;
}

function linuxMembers(groupId: number): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const text = readProcess(`/proc/${name}/stat`);
    if (text === null) return [];
    // After the name in parentheses: state, parent, group.
    const [state, , group] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return Number(group) === groupId && state !== "Z" && state !== "X" ? [Number(name)] : [];
  });
}

function psMembers(groupId: number): number[] {
  const text = execFileSync("/bin/ps", ["-A", "-o", "pid=,pgid=,stat="], { encoding: "utf8" });
  return text.split("\n").flatMap((line) => {
    const [pid, group, state] = line.trim().split(/\s+/);
    return Number(group) === groupId && !state?.startsWith("Z") ? [Number(pid)] : [];
  });
}

function linuxEnvironment(pid: number): string[] {
  return readProcess(`/proc/${pid}/environ`)?.split("\0") ?? [];
}

function psEnvironment(pid: number): string[] {
  try {
    return execFileSync("/bin/ps", ["-E", "-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" }).split(
      /\s/,
    );
  } catch (error) {
    // ps exits 1 for a pid that has gone.
    if ((error as { status?: unknown }).status === 1) return [];
    throw error;
  }
}

function readProcess(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(systemCode(error) ?? "")) return null;
    throw error;
  }
}

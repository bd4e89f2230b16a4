import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { systemCode } from "../errors.ts";

/**
 * When a process started, as text that is equal for the same process and differs for a later one with the same pid.
 * Linux: clock ticks since boot with the boot's id; macOS: `ps -o lstart=`. Null when there is no such process.
 */
export function processStart(pid: number): string | null {
  return process.platform === "linux" ? linuxStart(pid) : psStart(pid);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

/** Sends a signal to a whole process group; false when there is no such group any more. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-groupId, signal);
    return true;
  } catch (error) {
    if (systemCode(error) === "ESRCH") return false;
    throw error;
  }
}

/** Whether any process of the group lives. Zombies count until they are reaped. */
export function isGroupAlive(groupId: number): boolean {
  try {
    process.kill(-groupId, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

function linuxStart(pid: number): string | null {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold spaces and parentheses; field 22 is counted after its last one.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : `${boot}:${fields[19] ?? ""}`;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ESRCH") return null;
    throw error;
  }
}

function psStart(pid: number): string | null {
  try {
    const started = execFileSync("/bin/ps", ["-o", "lstart=", "-p", String(pid)], {
      encoding: "utf8",
      env: { LC_ALL: "C" },
    }).trim();
    return started === "" ? null : started;
  } catch (error) {
    // ps exits 1 for an unknown pid.
    if ((error as { status?: unknown }).status === 1) return null;
    throw error;
  }
}

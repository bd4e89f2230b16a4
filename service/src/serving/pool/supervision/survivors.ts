import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import { processStart } from "../../../platform/process/identity.ts";
import { serverMark } from "../units/child-environment.ts";
import { awaitEscapedEnd, markedProcesses } from "../units/process/escaped-processes.ts";
import { awaitGroupEnd, environmentOf, groupMembers, signalMembers } from "../units/process/process-group.ts";
import type { ServerRow } from "../store.ts";

const patienceMs = 5000;

/**
 * Kills what an earlier run of the service left of a server, and nothing else. The leader is ours when pid and start
 * time are those of the row; members of a group without its leader, and processes that left it, are ours when they
 * carry the server's mark.
 * @returns whether anything was killed.
 */
export async function killSurvivors(row: ServerRow, clock: Clock, log: Log): Promise<boolean> {
  // Nothing listens yet when a service starts, and our timers keep no process alive: without this one it ended here,
  // in the middle of its start, without a word.
  const awake = setInterval(() => undefined, patienceMs);
  try {
    return await killAll(row, clock, log);
  } finally {
    clearInterval(awake);
  }
}

async function killAll(row: ServerRow, clock: Clock, log: Log): Promise<boolean> {
  const hadGroup = await killGroup(row, clock, log);
  const escaped = markedProcesses(row.id);
  if (escaped.length === 0) return hadGroup;
  log.warn({ server: row.id, pids: escaped }, "processes that an engine started outlived the service and are killed");
  if (!(await awaitEscapedEnd(row.id, clock, patienceMs))) {
    log.error({ server: row.id }, "processes that outlived the service could not be killed");
  }
  return true;
}

async function killGroup(row: ServerRow, clock: Clock, log: Log): Promise<boolean> {
  const { pid, processStartedAt } = row;
  // 0 and 1 as a group id would mean "my own group" and "everything".
  if (pid === null || pid <= 1 || !isOurs(row, pid, processStartedAt)) return false;
  log.warn({ server: row.id, pid }, "an engine outlived the service and is killed");
  signalMembers(pid, "SIGKILL");
  if (!(await awaitGroupEnd(pid, clock, patienceMs))) {
    log.error({ server: row.id, pid }, "an engine that outlived the service could not be killed");
  }
  return true;
}

function isOurs(row: ServerRow, pid: number, startedAt: string | null): boolean {
  const start = processStart(pid);
  if (start !== null) return start === startedAt;
  const members = groupMembers(pid);
  return members.length > 0 && members.every((member) => environmentOf(member, serverMark) === row.id);
}

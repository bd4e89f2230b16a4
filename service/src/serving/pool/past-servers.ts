import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Events } from "../../platform/events.ts";
import type { Log } from "../../platform/log.ts";
import { listServerLogs, planCleanup, removeServerLogs } from "./logs/log-cleanup.ts";
import type { ServerStore } from "./store.ts";
import { killSurvivors } from "./supervision/survivors.ts";

export interface PastServersDependencies {
  readonly store: ServerStore;
  readonly clock: Clock;
  readonly events: Events;
  readonly log: Log;
  readonly logFolder: string;
  /** Ids of the servers that live now. */
  readonly living: () => readonly string[];
}

/** What earlier servers left: rows, logs, and processes of a service that was killed. */
export interface PastServers {
  /** Kills survivors of the last run and settles its rows. */
  recover(): Promise<void>;
  /** Cleans up in the background, one run after the other. */
  tidyUp(): void;
  /** Resolves when nothing is cleaned up any more. */
  settled(): Promise<void>;
}

export function createPastServers({
  store,
  clock,
  events,
  log,
  logFolder,
  living,
}: PastServersDependencies): PastServers {
  const cleanUp = async (): Promise<void> => {
    const logs = await listServerLogs(logFolder);
    // Read after the files, and in one turn with the deletion: a server that settles meanwhile keeps its row.
    const plan = planCleanup(store.settled(), new Set(living()), logs);
    store.remove(plan.rows);
    for (const id of plan.rows) events.publish("server.removed", { id });
    await removeServerLogs(logFolder, plan.logs);
  };
  let cleaning = Promise.resolve();
  return {
    async recover() {
      const rows = store.live();
      await Promise.all(rows.map((row) => killSurvivors(row, clock, log)));
      for (const row of rows) {
        const over = { ...row, pid: null, port: null, processStartedAt: null, tokenHash: null };
        const isStopped = row.state === "stopping";
        const lastError = isStopped ? row.lastError : interrupted;
        const state = isStopped ? "stopped" : "failed";
        store.update({ ...over, state, lastError, healthStatus: "unknown", stoppedAt: timestamp(clock) });
      }
      await cleanUp();
    },
    tidyUp() {
      cleaning = cleaning.then(cleanUp).catch((error: unknown) => log.error({ error }, "logs could not be cleaned up"));
    },
    settled: () => cleaning,
  };
}

const interrupted = {
  code: "internal",
  message: "The service ended while this ran. Start it again.",
  details: { reason: "interrupted" },
} as const;

import type { Batching } from "../../../contract/profiles.ts";
import type { MemoryReading, Server, ServerState } from "../../../contract/servers.ts";
import { timestamp } from "../../../platform/clock.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { Events } from "../../../platform/events.ts";
import { assertMove } from "../../../platform/machine.ts";
import { noPlace } from "../scheduling/place-facts.ts";
import { isSettled, serverTransitions } from "./machine.ts";
import type { ServerRow, ServerStore } from "../store.ts";

/** What of a server is true only while it lives. */
export interface LiveFacts {
  phase: string | null;
  inFlight: number;
  batching: Batching | null;
  pinned: boolean;
  waiting: number;
  reservedBytes: number;
  expiresAt: string | null;
  /** What of the profile waits for a restart. */
  restartKeys: readonly string[];
  memory: MemoryReading | null;
  cpuPercent: number | null;
  tokensPerSecond: number | null;
  /** Null: the row's own count is the newest. */
  totalTokens: number | null;
}

/** The row of one server and its events. Its supervisor is the only writer. */
export interface ServerRecord {
  readonly row: ServerRow;
  /** Writes the first row. Called once, when `live` can be asked. */
  open(): void;
  /** The one place where a server's state changes: row first, event after. */
  move(state: ServerState, changes?: Partial<ServerRow>): void;
  /** Writes facts of the same state; `silent` ones are not worth an event. */
  write(changes: Partial<ServerRow>, options?: { silent: boolean }): void;
  /** Publishes within a second what changes too often for an event each time: requests in flight, token counts. */
  publishSoon(): void;
  view(): Server;
}

export interface ServerRecordDependencies {
  readonly store: ServerStore;
  readonly events: Events;
  readonly clock: Clock;
  /** Read at each view; its owner changes it. */
  readonly live: () => LiveFacts;
}

const publishPauseMs = 1000;

export const noLiveFacts: Readonly<LiveFacts> = {
  phase: null,
  inFlight: 0,
  batching: null,
  ...noPlace,
  restartKeys: [],
  memory: null,
  cpuPercent: null,
  tokensPerSecond: null,
  totalTokens: null,
};

export function createServerRecord(first: ServerRow, dependencies: ServerRecordDependencies): ServerRecord {
  const { store, events, clock, live } = dependencies;
  let row = first;
  let cancelPublish: (() => void) | null = null;
  const view = (): Server => toServer(row, live(), clock);
  const publish = (): void => {
    cancelPublish?.();
    cancelPublish = null;
    events.publish("server.changed", view());
  };
  return {
    get row() {
      return row;
    },
    open() {
      store.insert(row);
      publish();
    },
    move(state, changes = {}) {
      assertMove(serverTransitions, row.state, state, "server");
      row = { ...row, ...changes, state };
      store.update(row);
      publish();
    },
    write(changes, options) {
      row = { ...row, ...changes };
      store.update(row);
      if (options?.silent !== true) publish();
    },
    publishSoon() {
      // What settled is told already; later news would bring a removed server back to life in a client's list.
      if (!isSettled(row.state)) cancelPublish ??= clock.after(publishPauseMs, publish);
    },
    view,
  };
}

/** A row as the API shows it; what must stay inside (token hash, paths) is left out by name. */
export function toServer(row: ServerRow, live: Readonly<LiveFacts>, clock: Clock): Server {
  const { processStartedAt: _started, tokenHash: _hash, logFile: _file, ...shown } = row;
  const { totalTokens, restartKeys, ...present } = live;
  const pending = { needsRestart: restartKeys.length > 0, restartKeys: [...restartKeys] };
  const endsAt = row.stoppedAt === null ? clock.now() : Date.parse(row.stoppedAt);
  const uptimeSeconds = row.startedAt === null ? null : Math.max(0, (endsAt - Date.parse(row.startedAt)) / 1000);
  return { ...shown, ...present, ...pending, totalTokens: totalTokens ?? row.totalTokens, uptimeSeconds };
}

export function newRow(
  fixed: Pick<ServerRow, "id" | "profileId" | "profile" | "model" | "revision" | "engine" | "logFile">,
  clock: Clock,
): ServerRow {
  return {
    ...fixed,
    ...{ kind: "process", state: "queued", pid: null, processStartedAt: null, tokenHash: null, port: null },
    ...{ restarts: 0, totalTokens: 0, healthStatus: "unknown", lastCheckedAt: null, failureCount: 0, lastError: null },
    ...{
      stderrTail: [],
      endedBecause: null,
      createdAt: timestamp(clock),
      startedAt: null,
      readyAt: null,
      stoppedAt: null,
    },
  };
}

import { timestamp } from "../../../platform/clock.ts";
import { AppError, isAppError, toFailure } from "../../../platform/errors.ts";
import { processStart } from "../../../platform/process/identity.ts";
import { createActivity } from "./activity.ts";
import { newAttempt } from "./attempt.ts";
import type { Attempt } from "./attempt.ts";
import { deferred } from "../deferred.ts";
import { engineComplained, gaveUp, unexpectedFailure } from "../failures.ts";
import { startHealthMonitor } from "./health-monitor.ts";
import type { HealthMonitor } from "./health-monitor.ts";
import { heedLog } from "./heed-log.ts";
import type { LoadProgress } from "../lease.ts";
import { toLoadProgress } from "../lease.ts";
import { isSettled } from "./machine.ts";
import type { MemoryReturn } from "../memory/memory-return.ts";
import { decideRestart } from "./restart-policy.ts";
import { createServerMemory } from "../memory/server-memory.ts";
import { createServerRecord, noLiveFacts } from "./server-record.ts";
import type { UnitEndpoint, UnitObserver } from "../units/serving-unit.ts";
import { showHealth } from "./show-health.ts";
import type { ServerRow } from "../store.ts";
import type { Ending, Supervisor, SupervisorOptions } from "./supervisor.ts";
import { createWaitingRoom } from "./waiting-room.ts";

/**
 * Starts a server and owns it to its end. Every decision is made in one turn on what is true in that turn; what takes
 * time (installing, loading, ending processes) reports back and finds out first whether it still matters.
 */
export function superviseServer(options: SupervisorOptions): Supervisor {
  const { events, clock, log, settings } = options;
  const { id } = options.row;
  let phase: string | null = "queued";
  const memory = createServerMemory({ id, clock, events, outside: options.outsideMemory });
  const record = createServerRecord(options.row, {
    ...{ store: options.store, events, clock },
    live: () =>
      isSettled(record.row.state)
        ? { ...noLiveFacts, tokensPerSecond: activity.tokensPerSecond() }
        : {
            ...{ phase, memory: memory.reading, cpuPercent: memory.cpuPercent, inFlight: activity.inFlight },
            ...{ tokensPerSecond: activity.tokensPerSecond(), totalTokens: activity.totalTokens() },
            ...options.about(),
          },
  });
  const { model, revision, engine } = options.row;
  const activity = createActivity({ serverId: id, model, revision, engine }, clock.monotonic, record.publishSoon);
  const settled = deferred();
  const failures: number[] = [];
  let attempt = newAttempt();
  let leaving: Promise<void> | null = null;
  let isKept = false;
  let monitor: HealthMonitor | null = null;
  let cancelRestart: () => void = () => undefined;

  const room = createWaitingRoom(clock, () => {
    const isUnwanted = room.isEmpty && !isKept && record.row.readyAt === null && leaving === null;
    if (isUnwanted) void stop(new AppError("engine_failed", "Loading was given up: nobody waited for it."), 0);
  });
  /** What goes into the row with every change of state. */
  const facts = (): Partial<ServerRow> => ({
    totalTokens: activity.totalTokens(),
    stderrTail: attempt.unit?.stderrTail() ?? record.row.stderrTail,
  });
  const tell = (next: LoadProgress, name: string = next.phase): void => {
    phase = name;
    room.tell(next);
    events.sample("server.progress", id, { id, phase: name, done: next.done ?? null, total: next.total ?? null });
  };

  const observe = (current: Attempt): UnitObserver => ({
    spawned(pid) {
      memory.begin(pid);
      options.serverLog.note("info", `engine started: process ${pid}`);
      record.write({ pid, processStartedAt: processStart(pid), startedAt: timestamp(clock) });
    },
    authenticated: (tokenHash) => record.write({ tokenHash }, { silent: true }),
    listening: (port) => record.write({ port }),
    progress: ({ phase, done, total }) => tell(toLoadProgress(phase, done, total), phase),
    warming() {
      tell({ phase: "warming" });
      record.move("warming", facts());
    },
    memory(reading) {
      if (current.isOver) return;
      void memory.note(reading);
      options.measured();
    },
  });

  const begin = (current: Attempt): void => {
    run(current)
      .catch((error: unknown) => error)
      .then((reason) => fail(current, reason))
      .catch(crashed);
  };
  /** @returns why the engine ended after it was ready. Throws why it never was. */
  const run = async (current: Attempt): Promise<unknown> => {
    const environment = await options.install(current.abandoned.signal, tell);
    current.abandoned.signal.throwIfAborted();
    tell({ phase: "starting" });
    record.move("starting", facts());
    current.unit = options.createUnit(environment, observe(current));
    const endpoint = await current.unit.ensureReady(current.abandoned.signal);
    current.abandoned.signal.throwIfAborted();
    serve(current, endpoint);
    return current.unit.ended;
  };
  /** The supervisor itself failed: nobody may wait for it for ever. */
  const crashed = (error: unknown): void => {
    log.error({ error, server: id }, "the supervisor of a server failed");
    attempt.ready.reject(unexpectedFailure(error));
    leaving ??= settled.promise;
    settled.resolve();
  };
  const serve = (current: Attempt, endpoint: UnitEndpoint): void => {
    current.endpoint = endpoint;
    phase = null;
    activity.noteLife();
    const now = timestamp(clock);
    record.move("ready", { ...facts(), readyAt: now, healthStatus: "healthy", lastCheckedAt: now, failureCount: 0 });
    monitor =
      current.unit?.watchHealth?.(showHealth(record, clock)) ??
      startHealthMonitor({
        ...{ clock, log, settings },
        probe: (deadlineMs, signal) => options.probe(endpoint, deadlineMs, signal),
        activity: () => activity,
        report({ status, failureCount }) {
          const silent = status === record.row.healthStatus && failureCount === record.row.failureCount;
          record.write({ ...facts(), healthStatus: status, lastCheckedAt: timestamp(clock), failureCount }, { silent });
        },
        condemn(reason) {
          record.move("unhealthy", facts());
          const text = `The engine stopped answering: ${reason}. It is restarted.`;
          const details = { stderrTail: record.row.stderrTail };
          fail(current, new AppError("engine_timeout", text, { details })).catch(crashed);
        },
      });
    current.ready.resolve();
  };

  /** An attempt is lost. A server that once was ready is restarted, one that never was tells its waiters why. */
  const fail = async (current: Attempt, cause: unknown, mayRestart = true): Promise<void> => {
    if (current.isOver) return;
    abandon(current);
    retire(current);
    const error = isAppError(cause) ? cause : unexpectedFailure(cause);
    log.warn({ error, server: id }, "a server lost its engine");
    options.serverLog.note("error", error.message);
    // One that died by itself has given its memory back already.
    const stopped = await (current.unit?.isRunning() === true ? endWatched(current, 0) : endUnit(current, 0));
    if (leaving !== null) return;
    const wasEverReady = record.row.readyAt !== null;
    failures.push(clock.monotonic());
    const decision = decideRestart(failures, clock.monotonic(), options.restartLimits);
    if (stopped !== null) return leave("failed", stopped);
    if (!wasEverReady || !mayRestart) return leave("failed", error);
    if (decision.action === "give-up") return leave("failed", gaveUp(error, decision.failures));
    if (current.endpoint === null) {
      current.ready.reject(error);
      attempt = newAttempt(current.unit);
    }
    const restarts = record.row.restarts + 1;
    memory.end();
    record.move("restarting", { ...facts(), restarts, lastError: toFailure(error), healthStatus: "unhealthy" });
    cancelRestart = clock.after(decision.afterMs, restart);
  };
  /** Whoever comes from now on waits for what follows, never for a process that is gone. */
  const retire = (current: Attempt): void => {
    if (attempt === current && current.endpoint !== null && leaving === null) attempt = newAttempt(current.unit);
  };
  const restart = (): void => {
    attempt.unit = null;
    record.move("queued", noProcess);
    tell({ phase: "queued" });
    begin(attempt);
  };
  const abandon = (current: Attempt): void => {
    current.isOver = true;
    current.abandoned.abort(new DOMException("The attempt is over.", "AbortError"));
    monitor?.stop();
    monitor = null;
  };
  /** Ends what still runs and looks whether its memory comes back: the next load may need it. */
  const endWatched = async (current: Attempt, graceMs: number): Promise<AppError | null> => {
    const footprintBytes = memory.reading?.footprintBytes ?? 0;
    const memoryIsBack = options.watchMemory();
    const stuck = await endUnit(current, graceMs);
    if (stuck === null && footprintBytes > 0) reportMemory(await memoryIsBack(footprintBytes));
    return stuck;
  };
  /** @returns why the unit's processes could not be ended; null when they are gone. */
  const endUnit = async (current: Attempt, graceMs: number): Promise<AppError | null> => {
    try {
      await current.unit?.stop(graceMs);
      return null;
    } catch (error) {
      log.error({ error, server: id }, "an engine could not be ended");
      return isAppError(error) ? error : unexpectedFailure(error);
    }
  };

  /** Settles the server: last row, last event, everything it held given back. */
  const leave = async (state: Ending["state"] | "failed", reason: AppError, because: string | null = null) => {
    leaving ??= settled.promise;
    room.close();
    cancelRestart();
    memory.end();
    const isFailure = state === "failed";
    record.move(state, {
      ...facts(),
      ...{ ...noProcess, stoppedAt: timestamp(clock), endedBecause: because },
      ...(isFailure ? { lastError: toFailure(reason), healthStatus: "unhealthy" } : { healthStatus: "unknown" }),
    });
    attempt.ready.reject(reason);
    options.release();
    await options.serverLog.close();
    settled.resolve();
  };

  const stop = (reason: AppError, graceMs: number, { state, because }: Ending = byWish): Promise<void> => {
    if (leaving !== null) {
      void endUnit(attempt, graceMs);
      return settled.promise;
    }
    leaving = settled.promise;
    cancelRestart();
    abandon(attempt);
    record.move("stopping", facts());
    options.serverLog.note("info", "engine is being stopped");
    attempt.ready.reject(reason);
    const finish = async (): Promise<void> => {
      const stuck = await endWatched(attempt, graceMs);
      await (stuck === null ? leave(state, reason, because) : leave("failed", stuck));
    };
    finish().catch(crashed);
    return settled.promise;
  };
  const reportMemory = ({ isBack, ...figures }: MemoryReturn): void => {
    if (isBack) return;
    log.warn({ server: id, ...figures }, "memory of a stopped engine has not come back");
    events.publish("server.memory-not-returned", { id, ...figures });
  };

  /** What an engine prints while it serves: it may be life, or a reason to look at once. */
  const heed = heedLog(clock, {
    life: activity.noteLife,
    complaint(text) {
      if (monitor === null) return;
      record.write({ ...facts(), lastError: toFailure(engineComplained(text, facts().stderrTail ?? [])) });
      monitor.checkNow();
    },
  });
  options.serverLog.listen(heed);

  record.open();
  begin(attempt);
  return {
    ...{ id, model, profileId: options.row.profileId, profile: options.profile, log: options.serverLog },
    settled: settled.promise,
    get isLeaving() {
      return leaving !== null;
    },
    get isServing() {
      return leaving === null && !attempt.isOver && attempt.endpoint !== null;
    },
    view: record.view,
    whenReady: () => attempt.ready.promise,
    ready: (signal, onProgress) => room.wait(attempt.ready.promise, signal, onProgress),
    lease() {
      const { endpoint, unit, isOver } = attempt;
      if (leaving !== null || isOver || endpoint === null) return null;
      if (unit?.isRunning() === true) return activity.lease(endpoint);
      retire(attempt);
      return null;
    },
    keep: () => void (isKept = true),
    guarded: {
      ...{ id, settled: settled.promise },
      get isLeaving() {
        return leaving !== null || attempt.isOver;
      },
      get inFlight() {
        return activity.inFlight;
      },
      ...{ forecastBytes: options.forecastBytes, allowedBytes: options.allowedBytes },
      reading: () => memory.reading,
      measure: memory.measure,
      end: (reason) => void fail(attempt, reason, false).catch(crashed),
      note: (text) => options.serverLog.note("warning", text),
    },
    profileChanged: record.publishSoon,
    stop,
  };
}

const byWish: Ending = { state: "stopped", because: null };
const noProcess = { pid: null, port: null, processStartedAt: null, tokenHash: null } as const;

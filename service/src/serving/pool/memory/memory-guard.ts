import type { MemoryReading } from "../../../contract/servers.ts";
import type { MachineMemory } from "../../../contract/system.ts";
import type { Clock } from "../../../platform/clock.ts";
import { AppError } from "../../../platform/errors.ts";
import type { Events } from "../../../platform/events.ts";
import type { Log } from "../../../platform/log.ts";
import { inGigabytes } from "../failures.ts";
import { capOf, floorOf, judgeMemory } from "./memory-policy.ts";
import type { MemoryVerdict } from "./memory-policy.ts";
import { isSilent } from "./server-memory.ts";

/** A server as the guard sees it. */
export interface GuardedServer {
  readonly id: string;
  readonly isLeaving: boolean;
  readonly inFlight: number;
  readonly settled: Promise<void>;
  forecastBytes(): number | null;
  /** What its profile lets it take; null: what the machine has. */
  allowedBytes(): number | null;
  reading(): MemoryReading | null;
  measure(): Promise<void>;
  /** Ends it for good; the row carries the reason. */
  end(reason: AppError): void;
  /** A line in the server's own log. */
  note(text: string): void;
}

/** Watches the memory of the machine while anything is served, and that no engine takes it all. */
export interface MemoryGuard {
  watch(server: GuardedServer): void;
  /** A reading came: look soon, it may be the one too many. */
  alarm(): void;
  stop(): void;
}

export interface MemoryGuardDependencies {
  readonly clock: Clock;
  readonly events: Events;
  readonly log: Log;
  readonly machine: { memory(): MachineMemory };
}

const usualPauseMs = 5000;
/** While memory is short, and between the looks that readings ask for. */
const shortPauseMs = 1000;

export function createMemoryGuard({ clock, events, log, machine }: MemoryGuardDependencies): MemoryGuard {
  const servers = new Map<string, GuardedServer>();
  const over = new Set<string>();
  let pressure: MachineMemory["pressure"] = null;
  let isNear = false;
  let isLooking = false;
  let lookedAt = -Infinity;
  let cancel: (() => void) | null = null;
  let isStopped = false;

  const schedule = (milliseconds: number): void => {
    cancel?.();
    cancel = clock.after(milliseconds, () => {
      cancel = null;
      look().catch((error: unknown) => log.error({ error }, "memory could not be looked at"));
    });
  };
  const look = async (): Promise<void> => {
    if (isLooking || isStopped || servers.size === 0) return;
    isLooking = true;
    lookedAt = clock.monotonic();
    try {
      const doubtful = [...servers.values()].filter((server) => isNear || isSilent(server.reading(), clock));
      await Promise.all(doubtful.map((server) => server.measure()));
      const memory = machine.memory();
      notePressure(memory);
      const living = [...servers.values()].filter(({ isLeaving }) => !isLeaving);
      for (const server of living) compareWithForecast(server);
      for (const server of living) holdToProfile(server);
      const verdict = judgeMemory(memory, living.filter(({ isLeaving }) => !isLeaving).map(footprintOf));
      if (verdict.action === "stop") await act(verdict, memory);
      else isNear = verdict.isNear;
    } finally {
      isLooking = false;
      if (!isStopped && servers.size > 0) schedule(isNear ? shortPauseMs : usualPauseMs);
    }
  };
  const act = async (verdict: Extract<MemoryVerdict, { action: "stop" }>, memory: MachineMemory): Promise<void> => {
    const server = servers.get(verdict.id);
    if (server === undefined) return;
    isNear = true;
    const { limitBytes, availableBytes } = memory;
    const footprintBytes = server.reading()?.footprintBytes ?? 0;
    const figures = { footprintBytes, forecastBytes: server.forecastBytes(), limitBytes, availableBytes };
    log.error({ server: server.id, ...figures }, "an engine is stopped before the machine runs out of memory");
    server.end(outOfMemory(verdict.because, figures));
    // Its memory comes back with its end: nobody else goes before that is known.
    await server.settled;
  };
  const compareWithForecast = (server: GuardedServer): void => {
    const forecastBytes = server.forecastBytes();
    const capBytes = capOf(forecastBytes);
    const footprintBytes = server.reading()?.footprintBytes ?? 0;
    if (forecastBytes === null || capBytes === null) return;
    if (footprintBytes <= forecastBytes) over.delete(server.id);
    if (footprintBytes <= capBytes || over.has(server.id)) return;
    over.add(server.id);
    const figures = { footprintBytes, forecastBytes, capBytes: Math.round(capBytes) };
    log.warn({ server: server.id, ...figures }, "an engine takes far more memory than was predicted");
    server.note(`takes ${inGigabytes(footprintBytes)} of memory, ${inGigabytes(forecastBytes)} were predicted`);
    events.publish("server.memory-over-forecast", { id: server.id, ...figures });
  };
  const holdToProfile = (server: GuardedServer): void => {
    const allowedBytes = server.allowedBytes();
    const footprintBytes = server.reading()?.footprintBytes ?? 0;
    if (allowedBytes === null || footprintBytes <= allowedBytes) return;
    log.warn(
      { server: server.id, footprintBytes, allowedBytes },
      "an engine is stopped: it takes more than its profile says",
    );
    server.end(overProfile(footprintBytes, allowedBytes));
  };
  const notePressure = (memory: MachineMemory): void => {
    const before = pressure ?? "normal";
    pressure = memory.pressure;
    if (pressure !== null && pressure !== before) events.publish("machine.memory-pressure", memory);
  };

  return {
    watch(server) {
      servers.set(server.id, server);
      void server.settled.then(() => {
        servers.delete(server.id);
        over.delete(server.id);
        if (servers.size > 0) return;
        cancel?.();
        cancel = null;
      });
      if (cancel === null && !isLooking) schedule(usualPauseMs);
    },
    alarm() {
      if (!isLooking && !isStopped) schedule(Math.max(0, lookedAt + shortPauseMs - clock.monotonic()));
    },
    stop() {
      isStopped = true;
      cancel?.();
    },
  };
}

function footprintOf(server: GuardedServer) {
  const footprintBytes = server.reading()?.footprintBytes ?? 0;
  return { id: server.id, footprintBytes, forecastBytes: server.forecastBytes(), inFlight: server.inFlight };
}

function overProfile(footprintBytes: number, allowedBytes: number): AppError {
  const text = `The engine was stopped: it took ${inGigabytes(footprintBytes)} of memory, its profile allows ${inGigabytes(allowedBytes)}. Raise the limit, or choose a smaller model or a shorter context.`;
  return new AppError("insufficient_memory", text, { details: { footprintBytes, allowedBytes } });
}

function outOfMemory(
  because: "limit" | "available",
  figures: { footprintBytes: number; forecastBytes: number | null; limitBytes: number; availableBytes: number },
): AppError {
  const { footprintBytes, limitBytes, availableBytes } = figures;
  const shortage =
    because === "limit"
      ? `models may take ${inGigabytes(limitBytes)} in all`
      : `${inGigabytes(availableBytes)} were left on the machine, ${inGigabytes(floorOf(figures))} have to stay`;
  const text = `The engine was stopped before the machine ran out of memory: it took ${inGigabytes(footprintBytes)}, ${shortage}. Stop other models, or choose a smaller model or a shorter context.`;
  return new AppError("insufficient_memory", text, { details: figures });
}

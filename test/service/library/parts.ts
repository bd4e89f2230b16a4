/** Platform parts for tests of the library: real SQLite in memory, a clock in the test's hands, recorded events. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerEvent } from "../../../service/src/contract/events.ts";
import { systemClock } from "../../../service/src/platform/clock.ts";
import type { Clock } from "../../../service/src/platform/clock.ts";
import { migrate, readMigrations } from "../../../service/src/platform/database/migrate.ts";
import { openDatabase } from "../../../service/src/platform/database/open.ts";
import type { Database } from "../../../service/src/platform/database/open.ts";
import { createEvents } from "../../../service/src/platform/events.ts";
import { createLog } from "../../../service/src/platform/log.ts";
import type { Log } from "../../../service/src/platform/log.ts";
import { findPlace } from "../../../service/src/platform/place.ts";

export function memoryDatabase(): Database {
  const database = openDatabase(":memory:");
  const migrations = readMigrations(findPlace().migrations);
  migrate({ database, migrations, version: "0.0.0", now: () => "2026-11-21T00:00:00.000Z" });
  return database;
}

/** Keeps what was logged; `text()` is all of it, to search for what must not be there. */
export function recordedLog(): { log: Log; text: () => string } {
  const lines: string[] = [];
  return {
    log: createLog({ debug: true, destination: { write: (line) => void lines.push(line) } }),
    text: () => lines.join(""),
  };
}

export function recordedEvents(clock: Clock = systemClock) {
  const list: ServerEvent[] = [];
  const events = createEvents({
    clock,
    boot: "test",
    onListenerError: (error) => {
      throw error;
    },
  });
  events.listen((event) => void list.push(event));
  return { events, list };
}

export interface HandClock extends Clock {
  /** Delays asked for and not yet over, in milliseconds. */
  waiting(): number[];
  /** Lets the shortest wait that `fits` pass. Resolves once somebody waits so. */
  pass(fits?: (milliseconds: number) => boolean): Promise<number>;
  set(time: number): void;
}

/** Time stands still until the test lets a wait pass. */
export function handClock(start = Date.parse("2026-11-21T12:00:00.000Z")): HandClock {
  let now = start;
  const timers = new Set<{ milliseconds: number; call: () => void }>();
  let changed = Promise.withResolvers<void>();
  return {
    now: () => now,
    monotonic: () => now,
    after(milliseconds, call) {
      const timer = { milliseconds, call };
      timers.add(timer);
      changed.resolve();
      changed = Promise.withResolvers();
      return () => void timers.delete(timer);
    },
    waiting: () => [...timers].map(({ milliseconds }) => milliseconds).sort((a, b) => a - b),
    async pass(fits = () => true) {
      for (;;) {
        const timer = [...timers]
          .filter((one) => fits(one.milliseconds))
          .sort((a, b) => a.milliseconds - b.milliseconds)[0];
        if (timer) {
          timers.delete(timer);
          now += timer.milliseconds;
          timer.call();
          return timer.milliseconds;
        }
        await changed.promise;
      }
    },
    set: (time) => void (now = time),
  };
}

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "mlx-manager-library-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The error a promise ends in, as code and details; a promise that resolves fails the test. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<{ code: string; message: string; details: Record<string, unknown> }> {
  try {
    await promise;
  } catch (error) {
    const { code, message, details } = error as { code: string; message: string; details?: Record<string, unknown> };
    return { code, message, details: details ?? {} };
  }
  throw new Error("It was expected to fail and did not.");
}

import type { Server as HttpServer } from "node:http";
import type { Clock } from "./platform/clock.ts";
import type { InFlight } from "./platform/http/in-flight.ts";

export interface DrainDependencies {
  readonly clock: Clock;
  readonly drainMs: number;
  readonly inFlight: InFlight;
  /** Ends every running answer with its protocol's error event. */
  readonly cutAnswers: () => void;
  readonly hurry: Promise<unknown>;
}

/** How long a cut answer may take to write its error event. */
const cutMs = 1000;

/** Lets running answers finish, at most `drainMs`; then they are cut. */
export async function drain({ clock, drainMs, inFlight, cutAnswers, hurry }: DrainDependencies): Promise<void> {
  await Promise.race([inFlight.idle(), pause(clock, drainMs), hurry]);
  if (inFlight.count() === 0) return;
  cutAnswers();
  await Promise.race([inFlight.idle(), pause(clock, cutMs)]);
}

/** Closes the listener and every connection still open: event streams and idle keep-alive sockets. */
export function closeHttp(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function pause(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => void clock.after(milliseconds, resolve));
}

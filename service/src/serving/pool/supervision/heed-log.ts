import type { Clock } from "../../../platform/clock.ts";
import { exceptionOf } from "../logs/log-lines.ts";
import type { ReadLine } from "../logs/log-lines.ts";

export interface LogSigns {
  /** A prefill has moved on. */
  life(): void;
  /** A traceback was printed; this is the line that names the exception. */
  complaint(text: string): void;
}

/** An engine that prints one traceback after the other is looked at no more often than this. */
const complaintPauseMs = 5000;

/**
 * Takes what an engine prints for signs. Prefill progress counts only while it moves on: a hung engine may repeat
 * itself. A traceback alone condemns nobody, a bad request may have caused it; it is a reason to ask for a token.
 */
export function heedLog(clock: Clock, signs: LogSigns): (line: ReadLine) => void {
  let last = { done: -1, total: -1 };
  let complainedAt = -Infinity;
  return (line) => {
    if (line.progress !== undefined) {
      const { done, total } = line.progress;
      const isNew = done > last.done || total !== last.total;
      last = { done, total };
      if (isNew) signs.life();
      return;
    }
    const exception = exceptionOf(line);
    if (exception === null || clock.monotonic() - complainedAt < complaintPauseMs) return;
    complainedAt = clock.monotonic();
    signs.complaint(exception);
  };
}

import type { Clock } from "../../../../platform/clock.ts";
import { wait } from "../../../../platform/clock.ts";
import { orAbort } from "./or-abort.ts";

/** Servers that asked for patience. All connections obey together; the first one back asks alone. */
export interface Gates {
  /** Resolves when a request to the origin may go out; the answer is to be told what became of it. */
  enter(origin: string, signal: AbortSignal): Promise<Entered>;
}

/** `waitMs`: the server wants nobody to ask before; null: it answered, or nobody knows. */
export type Entered = (waitMs: number | null) => void;

interface Gate {
  opensAt: number;
  /** After a refusal one request goes first; the others wait for what it finds. */
  isTried: boolean;
  bell: PromiseWithResolvers<void>;
}

const freely: Gate = { opensAt: -Infinity, isTried: false, bell: Promise.withResolvers() };

export function createGates(clock: Clock): Gates {
  const gates = new Map<string, Gate>();

  const close = (origin: string, waitMs: number): void => {
    const opensAt = Math.max(gates.get(origin)?.opensAt ?? 0, clock.monotonic() + waitMs);
    const gate = gates.get(origin) ?? { opensAt, isTried: false, bell: Promise.withResolvers() };
    gates.set(origin, gate);
    gate.opensAt = opensAt;
  };
  const settle = (origin: string, isTrial: boolean, waitMs: number | null): void => {
    if (waitMs !== null) close(origin, waitMs);
    const gate = gates.get(origin);
    if (!gate || !isTrial) return;
    gate.isTried = false;
    // It went well: the gate is gone. Else the next one tries when its time has come.
    if (waitMs === null) gates.delete(origin);
    gate.bell.resolve();
    gate.bell = Promise.withResolvers();
  };

  return {
    async enter(origin, signal) {
      for (;;) {
        const gate = gates.get(origin) ?? freely;
        if (gate === freely) return once((waitMs) => settle(origin, false, waitMs));
        const left = gate.opensAt - clock.monotonic();
        if (left > 0) await wait(clock, left, signal);
        else if (gate.isTried) await orAbort(gate.bell.promise, signal);
        else {
          gate.isTried = true;
          return once((waitMs) => settle(origin, true, waitMs));
        }
      }
    },
  };
}

function once(settle: Entered): Entered {
  let isSettled = false;
  return (waitMs) => {
    if (!isSettled) settle(waitMs);
    isSettled = true;
  };
}

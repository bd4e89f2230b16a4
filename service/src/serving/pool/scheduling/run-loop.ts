import type { Clock } from "../../../platform/clock.ts";
import { nextWake, schedule } from "./scheduler.ts";
import { emptyPool } from "./scheduler-state.ts";
import type { Effect, Limits, PoolEvent, PoolState } from "./scheduler-state.ts";

export interface RunLoopOptions {
  readonly clock: Pick<Clock, "monotonic" | "after">;
  readonly limits: () => Limits;
  /** Must not throw. What it dispatches comes after everything that was dispatched before. */
  readonly perform: (effect: Effect) => void;
  /** Called when nothing is left to do for now. */
  readonly rest: (state: PoolState) => void;
}

export interface RunLoop {
  readonly state: PoolState;
  dispatch(event: PoolEvent): void;
  close(): void;
}

/** Owns the scheduler's state: one event after the other, each carried out whole before the next is looked at. */
export function createRunLoop({ clock, limits, perform, rest }: RunLoopOptions): RunLoop {
  const inbox: PoolEvent[] = [];
  let state = emptyPool;
  let isRunning = false;
  let lookedAt = -Infinity;
  let wakeAt = Infinity;
  let cancelWake: () => void = () => undefined;

  const dispatch = (event: PoolEvent): void => {
    inbox.push(event);
    if (isRunning) return;
    isRunning = true;
    try {
      for (let next = inbox.shift(); next !== undefined; next = inbox.shift()) {
        lookedAt = clock.monotonic();
        const step = schedule(state, next, lookedAt, limits());
        state = step.state;
        for (const effect of step.effects) perform(effect);
      }
    } finally {
      isRunning = false;
    }
    rest(state);
    arm();
  };
  /** A timer that rings too early looks again; one that is put off with every request would cost more. */
  const arm = (): void => {
    // As of the last step: what has come due since then, nobody has looked at yet.
    const next = nextWake(state, lookedAt, limits());
    if (next === null || next >= wakeAt) return;
    cancelWake();
    wakeAt = next;
    cancelWake = clock.after(Math.max(0, Math.ceil(next - clock.monotonic())), () => {
      wakeAt = Infinity;
      dispatch({ type: "tick" });
    });
  };
  return {
    get state() {
      return state;
    },
    dispatch,
    close: () => cancelWake(),
  };
}

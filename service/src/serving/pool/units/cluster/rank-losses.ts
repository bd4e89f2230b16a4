import type { Clock } from "../../../../platform/clock.ts";
import type { ProcessExit } from "../../failures.ts";
import type { ControlMessageOf } from "../process/control-messages.ts";

/** Why a cluster ended: one of its ranks vanished, reported its own end, or the head itself is over. */
export type ClusterEnd =
  | { readonly kind: "lost"; readonly rank: number }
  | { readonly kind: "fatal"; readonly rank: number | null; readonly report: ControlMessageOf<"fatal"> }
  | { readonly kind: "head"; readonly exit: ProcessExit };

export interface RankLosses {
  /** Something is wrong: the cluster takes no more requests. */
  readonly isBroken: boolean;
  fatal(rank: number | null, report: ControlMessageOf<"fatal">): void;
  closed(rank: number): void;
  headEnded(exit: ProcessExit): void;
  stop(): void;
}

/** Within this time the others notice a loss, each with an error of its own that says nothing of the cause. */
const settleMs = 200;

/**
 * Finds the cause among what comes in when a cluster breaks: a head that was killed comes first, since its end takes the
 * ranks with it, then a rank that vanished without a word, then the first that reported why it ends, then the end of the
 * head.
 */
export function watchLosses(clock: Clock, onEnd: (end: ClusterEnd) => void): RankLosses {
  const lost: number[] = [];
  const fatals: Extract<ClusterEnd, { kind: "fatal" }>[] = [];
  let head: Extract<ClusterEnd, { kind: "head" }> = { kind: "head", exit: { code: null, signal: null } };
  let isBroken = false;
  let isStopped = false;
  let cancel: () => void = () => undefined;
  const note = (): void => {
    if (isBroken || isStopped) return;
    isBroken = true;
    cancel = clock.after(settleMs, () => {
      if (head.exit.signal !== null) return onEnd(head);
      const [rank] = lost;
      const ofRanks = fatals.find((fatal) => fatal.rank !== null) ?? fatals[0];
      onEnd(rank !== undefined ? { kind: "lost", rank } : (ofRanks ?? head));
    });
  };
  return {
    get isBroken() {
      return isBroken;
    },
    fatal(rank, report) {
      fatals.push({ kind: "fatal", rank, report });
      note();
    },
    closed(rank) {
      if (!fatals.some((fatal) => fatal.rank === rank)) lost.push(rank);
      note();
    },
    headEnded(exit) {
      head = { kind: "head", exit };
      note();
    },
    stop() {
      isStopped = true;
      cancel();
    },
  };
}

import type { MemoryReading } from "../../../../contract/servers.ts";
import type { ControlMessageOf } from "../process/control-messages.ts";
import type { StartProgress } from "../start-deadline.ts";

interface Rank {
  hello: ControlMessageOf<"hello"> | null;
  loading: StartProgress | null;
  ready: ControlMessageOf<"ready"> | null;
  memory: MemoryReading | null;
}

/** What the ranks of one run said so far. */
export interface ClusterRanks {
  /** The token and the protocol of a rank. */
  introduce(rank: number, hello: ControlMessageOf<"hello">): void;
  isKnown(rank: number): boolean;
  /** Rank 0's own token: it serves. */
  token(): string | null;
  /** @returns how far all of them are together. */
  load(rank: number, progress: StartProgress): StartProgress;
  /** @returns the first rank's message once every rank is ready, else null. */
  ready(rank: number, message: ControlMessageOf<"ready">): ControlMessageOf<"ready"> | null;
  /** @returns what the ranks of this machine take together. */
  remember(rank: number, reading: MemoryReading): MemoryReading;
  memory(): MemoryReading | null;
}

/** @param isHere whether a rank runs on this machine: memory elsewhere is none of ours. */
export function createClusterRanks(count: number, isHere: (rank: number) => boolean): ClusterRanks {
  const ranks = Array.from({ length: count }, (): Rank => ({ hello: null, loading: null, ready: null, memory: null }));
  const at = (rank: number): Rank => {
    const found = ranks[rank];
    if (found === undefined) throw new RangeError(`There is no rank ${rank}.`);
    return found;
  };
  const memory = (): MemoryReading | null => {
    const readings = ranks.flatMap((rank, index) => (isHere(index) && rank.memory !== null ? [rank.memory] : []));
    const [first] = readings;
    if (first === undefined) return null;
    const { engine: _, ...rest } = readings.reduce((newest, one) => (one.at > newest.at ? one : newest), first);
    return { ...rest, footprintBytes: readings.reduce((sum, one) => sum + one.footprintBytes, 0) };
  };
  return {
    introduce: (rank, hello) => void (at(rank).hello = hello),
    isKnown: (rank) => at(rank).hello !== null,
    token: () => ranks[0]?.hello?.token ?? null,
    load(rank, progress) {
      at(rank).loading = progress;
      const same = ranks.flatMap(({ loading }) => (loading?.phase === progress.phase ? [loading] : []));
      const sum = (name: "done" | "total") =>
        same.every((one) => typeof one[name] === "number")
          ? same.reduce((total, one) => total + (one[name] ?? 0), 0)
          : null;
      return { phase: progress.phase, done: sum("done"), total: sum("total") };
    },
    ready(rank, message) {
      at(rank).ready = message;
      return ranks.every((one) => one.ready !== null) ? (ranks[0]?.ready ?? null) : null;
    },
    remember(rank, reading) {
      at(rank).memory = reading;
      return memory() ?? reading;
    },
    memory,
  };
}

/** Tokens per second over the answers of the last minute; the last known rate while nothing is generated. */
export interface Throughput {
  note(count: number, seconds: number): void;
  tokensPerSecond(): number | null;
  totalTokens(): number;
}

interface Bucket {
  readonly second: number;
  count: number;
  seconds: number;
}

const windowSeconds = 60;

/** Kept in buckets of a second, for notes may come with every read of every stream. */
export function createThroughput(monotonic: () => number): Throughput {
  let buckets: Bucket[] = [];
  let total = 0;
  return {
    note(count, seconds) {
      if (!(count > 0)) return;
      total += count;
      // A count without a duration (a single token has none) adds to the total, not to the rate.
      if (!(seconds > 0)) return;
      const second = Math.floor(monotonic() / 1000);
      const last = buckets.at(-1);
      if (last?.second === second) {
        last.count += count;
        last.seconds += seconds;
        return;
      }
      buckets = [...buckets.filter((bucket) => second - bucket.second < windowSeconds), { second, count, seconds }];
    },
    tokensPerSecond() {
      const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
      const seconds = buckets.reduce((sum, bucket) => sum + bucket.seconds, 0);
      return seconds > 0 ? Math.round((count / seconds) * 10) / 10 : null;
    },
    totalTokens: () => total,
  };
}

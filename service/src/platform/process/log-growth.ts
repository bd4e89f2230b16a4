/** Counts changes of a file, so that one which falls between a look at it and the wait for the next is not missed. */
export interface Growth {
  readonly count: number;
  readonly ended: boolean;
  note(): void;
  end(): void;
  /** Resolves when more than `seen` changes happened, the file ended, or the signal aborts. */
  after(seen: number, signal: AbortSignal): Promise<void>;
}

export function createGrowth(): Growth {
  const waiting = new Set<() => void>();
  let count = 0;
  let ended = false;
  const note = (): void => {
    count += 1;
    for (const wake of [...waiting]) wake();
  };
  return {
    get count() {
      return count;
    },
    get ended() {
      return ended;
    },
    note,
    end() {
      ended = true;
      note();
    },
    after(seen, signal) {
      if (ended || count > seen || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = (): void => {
          waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener("abort", wake);
      });
    },
  };
}

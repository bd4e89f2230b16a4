/** One fetch for all who want the same at the same time; it ends when the last of them has left. */
export interface SharedFetch<Value> {
  get(key: string, signal: AbortSignal): Promise<Value>;
}

interface Running<Value> {
  readonly value: Promise<Value>;
  readonly stop: AbortController;
  wanted: number;
}

/** @param atOnce how many run at once; the others wait. */
export function shareFetches<Value>(
  fetch: (key: string, signal: AbortSignal) => Promise<Value>,
  atOnce: number,
): SharedFetch<Value> {
  const running = new Map<string, Running<Value>>();
  const waiting: (() => void)[] = [];
  let atWork = 0;

  const turn = (): Promise<void> | undefined => {
    if (atWork < atOnce) {
      atWork += 1;
      return undefined;
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const done = (): void => {
    const next = waiting.shift();
    // The place goes on to who waits.
    if (next) next();
    else atWork -= 1;
  };
  const begin = (key: string): Running<Value> => {
    const stop = new AbortController();
    const work = async (): Promise<Value> => {
      await turn();
      try {
        stop.signal.throwIfAborted();
        return await fetch(key, stop.signal);
      } finally {
        done();
        if (running.get(key) === begun) running.delete(key);
      }
    };
    const begun: Running<Value> = { value: Promise.resolve().then(work), stop, wanted: 0 };
    running.set(key, begun);
    return begun;
  };

  return {
    async get(key, signal) {
      signal.throwIfAborted();
      const shared = running.get(key) ?? begin(key);
      shared.wanted += 1;
      const left = Promise.withResolvers<never>();
      const leave = () => left.reject(signal.reason as Error);
      signal.addEventListener("abort", leave, { once: true });
      try {
        return await Promise.race([shared.value, left.promise]);
      } finally {
        signal.removeEventListener("abort", leave);
        shared.wanted -= 1;
        if (shared.wanted === 0) {
          if (running.get(key) === shared) running.delete(key);
          shared.stop.abort(new DOMException("Nobody wants it any more.", "AbortError"));
        }
      }
    },
  };
}

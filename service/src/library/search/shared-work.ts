/** Work that several may wait for: done once at a time, stopped when the last of them has left. */
export interface SharedWork<Result> {
  /** @throws the work's error, or the reason of the own signal. */
  run(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
}

interface Running<Result> {
  readonly promise: Promise<Result>;
  readonly controller: AbortController;
  waiters: number;
}

export function createSharedWork<Result>(): SharedWork<Result> {
  const running = new Map<string, Running<Result>>();

  const begin = (key: string, start: (signal: AbortSignal) => Promise<Result>): Running<Result> => {
    const controller = new AbortController();
    const work: Running<Result> = { promise: start(controller.signal), controller, waiters: 0 };
    running.set(key, work);
    const end = () => void (running.get(key) === work && running.delete(key));
    work.promise.then(end, end);
    return work;
  };

  return {
    async run(key, signal, start) {
      signal.throwIfAborted();
      const work = running.get(key) ?? begin(key, start);
      work.waiters += 1;
      return new Promise<Result>((resolve, reject) => {
        const leave = () => {
          work.waiters -= 1;
          if (work.waiters === 0) {
            work.controller.abort(signal.reason);
            // Whoever comes now must not be given the end of what was stopped.
            if (running.get(key) === work) running.delete(key);
          }
          reject(signal.reason as Error);
        };
        signal.addEventListener("abort", leave, { once: true });
        work.promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
      });
    },
  };
}

/** Runs at most `limit` tasks at once, in the order they came. */
export function createTurns(limit: number): <Result>(task: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      // The next one takes this one's place, so that nobody who comes in between gets ahead of it.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

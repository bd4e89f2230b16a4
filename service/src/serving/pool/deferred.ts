/** A promise that its maker settles later. A rejection that nobody awaits is not an error of ours. */
export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: Error): void;
}

export function deferred<Value = void>(): Deferred<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  // The reason is kept in the row and told to whoever waits; there may be no one.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

/** The promise's outcome, or the signal's reason if that comes first. What is awaited goes on. */
export function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

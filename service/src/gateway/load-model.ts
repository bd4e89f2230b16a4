import type { GatewayLease, GatewayPool, LoadProgress, LoadTarget } from "./dependencies.ts";
import type { Part } from "./parts.ts";

/**
 * Waits for a ready engine and tells the stream how far it is, the latest state only. Leaving early gives the lease
 * back, whenever it comes.
 * @returns the lease; the caller releases it.
 */
export async function* loadModel(
  pool: GatewayPool,
  target: LoadTarget,
  signal: AbortSignal,
): AsyncGenerator<readonly Part[], GatewayLease> {
  let latest: Part | null = null;
  let isSettled = false;
  let wake: () => void = () => undefined;
  const coming = pool.ensureReady(target, signal, (progress) => {
    latest = progressPart(progress);
    wake();
  });
  const settle = () => {
    isSettled = true;
    wake();
  };
  coming.then(settle, settle);
  let isHandedOver = false;
  try {
    while (!isSettled) {
      const part: Part | null = latest;
      latest = null;
      if (part) yield [part];
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    signal.throwIfAborted();
    const lease = await coming;
    isHandedOver = true;
    return lease;
  } finally {
    // A failure was told by the await above, or nobody is left to hear it.
    if (!isHandedOver) coming.then((lease) => lease.release()).catch(() => undefined);
  }
}

function progressPart({ phase, done, total }: LoadProgress): Part {
  return {
    type: "progress",
    phase: phase === "queued" ? "queued" : "loading",
    ...(done === undefined ? {} : { done }),
    ...(total === undefined ? {} : { total }),
  };
}

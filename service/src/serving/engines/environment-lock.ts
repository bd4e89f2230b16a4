import { wait } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import { takeFileLock } from "../../platform/database/file-lock.ts";
import type { FileLock } from "../../platform/database/file-lock.ts";

/** Between processes nobody tells when a lock comes free: it is asked for. */
const retryMs = 500;

/**
 * Engine folders may be shared between data directories. Who runs an environment shares its lock; who builds or
 * removes it needs the lock alone. The lock lies beside the folder, since a removed folder would take it along.
 */
export function takeUse(folder: string): FileLock | null {
  return takeFileLock(lockPath(folder), "shared");
}

/** @returns null when somebody builds, removes or runs the environment. */
export function takeChange(folder: string): FileLock | null {
  return takeFileLock(lockPath(folder), "exclusive");
}

/** As `takeChange`, but waits for its turn. `onWait` is called once when it has to. Rejects with the signal's reason. */
export async function waitForChange(
  folder: string,
  clock: Clock,
  signal: AbortSignal,
  onWait: () => void,
): Promise<FileLock> {
  signal.throwIfAborted();
  const first = takeChange(folder);
  if (first) return first;
  onWait();
  for (;;) {
    await wait(clock, retryMs, signal);
    const lock = takeChange(folder);
    if (lock) return lock;
  }
}

function lockPath(folder: string): string {
  return `${folder}.lock`;
}

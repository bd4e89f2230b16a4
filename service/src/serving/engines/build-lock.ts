import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { wait } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import { systemCode } from "../../platform/errors.ts";
import { processStart } from "../../platform/process/identity.ts";

const retryMs = 500;

/**
 * Holds `<folder>.lock` while an environment is built: engine folders may be shared between data directories, so two
 * services can want the same one. A lock whose process is gone, or whose pid is another's by now, is taken over.
 * @returns the release.
 */
export async function takeBuildLock(
  folder: string,
  clock: Clock,
  signal: AbortSignal,
  onWait: () => void,
): Promise<() => void> {
  const path = `${folder}.lock`;
  const mine = JSON.stringify({ pid: process.pid, start: processStart(process.pid) });
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let hasTold = false;
  for (;;) {
    signal.throwIfAborted();
    try {
      writeFileSync(path, mine, { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    if (isStale(path)) rmSync(path, { force: true });
    else {
      if (!hasTold) onWait();
      hasTold = true;
      await wait(clock, retryMs, signal);
    }
  }
}

function isStale(path: string): boolean {
  try {
    const { pid, start } = JSON.parse(readFileSync(path, "utf8")) as { pid: number; start: string | null };
    // Our own pid from an earlier life, or this very process after a failed release.
    return pid === process.pid || processStart(pid) !== start;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    if (error instanceof SyntaxError) return false; // Being written by its owner.
    throw error;
  }
}

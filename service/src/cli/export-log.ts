import { pipeline } from "node:stream/promises";
import { errorOfTransport } from "./api/failures.ts";
import { interruptedError } from "./command-error.ts";
import type { Runtime } from "./runtime.ts";

/** The whole log to standard output, no faster than that takes it. */
export async function exportLog(
  { terminal, interrupts, client }: Runtime,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
): Promise<void> {
  const stop = new AbortController();
  const release = interrupts.listen(() => stop.abort());
  try {
    const body = await client().open("exportRequests", { query, signal: stop.signal });
    await pipeline(body, terminal.output, { end: false, signal: stop.signal });
  } catch (error) {
    if (stop.signal.aborted) throw interruptedError("");
    // `| head` has seen enough: no failure.
    if ((error as { code?: unknown }).code === "EPIPE") return;
    throw errorOfTransport(error, client().connection, stop.signal);
  } finally {
    release();
  }
}

import { appendFileSync } from "node:fs";

/** Appends one JSON line per entry, synchronously: a SIGKILL right afterwards must not lose it. No file, no record. */
export function createRecorder(file) {
  if (file === undefined) return () => undefined;
  return (entry) => appendFileSync(file, `${JSON.stringify({ ...entry, at: new Date().toISOString() })}\n`);
}

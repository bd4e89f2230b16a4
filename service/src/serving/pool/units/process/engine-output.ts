import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Clock } from "../../../../platform/clock.ts";

/**
 * What one output of an engine may print in a second. One that prints more has to wait: every byte is looked at on the
 * thread that also serves the requests.
 */
export const outputBytesPerSecond = 4 * 1024 * 1024;

/** Reads an output to its end, no faster than it may print. */
export function readOutput(
  stream: Readable,
  clock: Clock,
  onText: (text: string) => void,
  onBytes: (chunk: Uint8Array) => void,
): void {
  const decoder = new StringDecoder("utf8");
  let windowStart = clock.monotonic();
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    onText(decoder.write(chunk));
    onBytes(chunk);
    const now = clock.monotonic();
    if (now - windowStart >= 1000) [windowStart, bytes] = [now, 0];
    bytes += chunk.length;
    if (bytes < outputBytesPerSecond) return;
    stream.pause();
    clock.after(windowStart + 1000 - now, () => void stream.resume());
  });
}

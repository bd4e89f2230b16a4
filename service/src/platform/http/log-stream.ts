import type { Response } from "express";
import type { Clock } from "../clock.ts";
import type { LogSource } from "../process/log-file.ts";
import { openEventStream } from "./sse.ts";

/** Answers a log as plain text; with `follow` it goes on until the source ends or the client leaves. */
export async function sendLog(
  source: LogSource,
  response: Response,
  options: { tail: number; follow: boolean; signal: AbortSignal },
): Promise<void> {
  return sendText(source.read(options), response, options.signal);
}

/** Answers text as it comes, no faster than the client reads. */
export async function sendText(
  source: AsyncIterable<string>,
  response: Response,
  signal: AbortSignal,
  contentType = "text/plain; charset=utf-8",
): Promise<void> {
  response.status(200).set({ "content-type": contentType, "cache-control": "no-store" });
  // Followed, a quiet log would leave the client without so much as a status.
  response.flushHeaders();
  for await (const chunk of source) {
    if (!response.write(chunk)) await drained(response, signal);
    if (signal.aborted) return;
  }
  response.end();
}

/** Answers a log as events, one a line, no faster than the client reads. */
export async function sendLines(
  source: AsyncIterable<readonly unknown[]>,
  response: Response,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const stream = openEventStream(response, { clock });
  stream.opened();
  for await (const lines of source) {
    for (const line of lines) {
      stream.send({ event: "line", data: line });
      if (response.writableNeedDrain) await drained(response, signal);
      if (signal.aborted || stream.closed) return;
    }
  }
  stream.close();
}

function drained(response: Response, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      response.off("drain", finish);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    if (signal.aborted) return resolve();
    response.once("drain", finish);
    signal.addEventListener("abort", finish);
  });
}

import type { Response } from "express";
import type { LogSource } from "../process/log-file.ts";

/** Answers a log as plain text; with `follow` it goes on until the source ends or the client leaves. */
export async function sendLog(
  source: LogSource,
  response: Response,
  options: { tail: number; follow: boolean; signal: AbortSignal },
): Promise<void> {
  response.status(200).set({ "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  for await (const chunk of source.read(options)) {
    if (!response.write(chunk)) await drained(response, options.signal);
    if (options.signal.aborted) return;
  }
  response.end();
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

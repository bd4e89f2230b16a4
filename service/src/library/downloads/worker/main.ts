/** Entry of the transfer worker: bytes, checksums and files, so that the main loop sees commands and progress only. */
import { parentPort } from "node:worker_threads";
import { systemClock } from "../../../platform/clock.ts";
import type { WorkerCommand } from "../messages.ts";
import { createTransferHost } from "./host.ts";

const port = parentPort;
if (!port) throw new Error("This file runs as a worker thread only.");

const host = createTransferHost({
  report: (report) => port.postMessage(report),
  // Without a listener the thread has nothing to wait for and ends.
  onClosed: () => port.close(),
  clock: systemClock,
  random: Math.random,
});
port.on("message", (command: WorkerCommand) => host.handle(command));

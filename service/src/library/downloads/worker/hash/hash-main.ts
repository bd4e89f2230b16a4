/** Entry of the hashing thread: one processor of its own for checksums, while the transfer thread receives. */
import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import { createHashRuns } from "./hash-runs.ts";
import type { HashCommand } from "./hash-runs.ts";

const port = parentPort;
if (!port) throw new Error("This file runs as a worker thread only.");

const runs = createHashRuns((report) => port.postMessage(report));
port.on("message", (command: HashCommand) => {
  runs.obey(command);
  // Works through all there is, but hears what is new after each piece.
  do {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port))
      runs.obey(next.message as HashCommand);
  } while (runs.step());
});

import { parentPort, workerData } from "node:worker_threads";
import { createSharedStore } from "../cache/shared-store.ts";
import { findLitter } from "./litter.ts";
import type { LibraryAnswer, LibraryCommand, LibraryWorkerData } from "./messages.ts";
import { scanTargets } from "./scan-targets.ts";
import { measureUsage } from "./usage.ts";

/**
 * Reads the library's files aside from the main thread: vocabularies of many megabytes, thousands of folders. Writes
 * nothing. What goes wrong is the answer; the thread goes on.
 */
const { cachePath } = workerData as LibraryWorkerData;
const port = parentPort;
const store = createSharedStore(cachePath, () => 0);
const taken = new Map<number, () => void>();

const tell = (answer: LibraryAnswer): void => port?.postMessage(answer);

async function obey(command: Exclude<LibraryCommand, { type: "taken" }>): Promise<void> {
  const { request } = command;
  switch (command.type) {
    case "scan":
      return await scanTargets(command.targets, store, async (answers) => {
        const isTaken = new Promise<void>((resolve) => taken.set(request, resolve));
        tell({ type: "scanned", request, answers });
        // Many answers at once would hold the main thread for as long as they are many.
        await isTaken;
      });
    case "usage":
      return tell({ type: "usage", request, usage: await measureUsage(command.repositories) });
    case "litter":
      return tell({ type: "litter", request, litter: await findLitter(cachePath, command.repositories, command.now) });
  }
}

port?.on("message", (command: LibraryCommand) => {
  const { request } = command;
  if (command.type === "taken") return taken.get(request)?.();
  obey(command).then(
    () => tell({ type: "done", request, error: null }),
    (error: unknown) =>
      tell({ type: "done", request, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});

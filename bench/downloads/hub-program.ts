// The fake Hub as a process of its own for benchmarks, driven by its parent's messages: what goes wrong, and what was sent.
import { startFakeHub } from "../../test/fakes/fake-hub/index.ts";
import type { Fault, RepoDefinition } from "../../test/fakes/fake-hub/index.ts";

export type HubCommand =
  /** Forgets requests and faults and switches these on. Answered with `{ ready: true }`. */
  | { readonly set: readonly Fault[] }
  /** Adds a repository of generated files. Answered with `{ ready: true }`. */
  | { readonly add: RepoDefinition }
  /** Answered with what was sent since the last `set`. */
  | { readonly count: true }
  /** Answered with `{ ready: true }` as soon as no file is being sent. */
  | { readonly awaitSilence: true };

export interface HubCount {
  /** Body bytes of files, also of those that were cut. */
  readonly bytesSent: number;
  readonly requests: number;
}

const hub = await startFakeHub();
const send = (message: object): void => void process.send?.(message);

const isSilent = (): boolean => hub.requests.every(({ outcome }) => outcome !== "running");

async function obey(command: HubCommand): Promise<object> {
  if ("add" in command) await hub.addRepo(command.add);
  else if ("awaitSilence" in command) await hub.waitForRequest(isSilent);
  else if ("set" in command) {
    hub.reset();
    for (const fault of command.set) hub.faults.add(fault);
  } else {
    const files = hub.requests.filter(({ file, status }) => file !== undefined && (status === 200 || status === 206));
    const bytesSent = files.reduce((sum, request) => sum + request.bytesSent, 0);
    return { bytesSent, requests: hub.requests.length } satisfies HubCount;
  }
  return { ready: true };
}

process.on("message", (command: HubCommand) => void obey(command).then(send));
process.on("disconnect", () => void hub.close());
send({ url: hub.url });

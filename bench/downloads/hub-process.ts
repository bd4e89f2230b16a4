import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Fault, RepoDefinition } from "../../test/fakes/fake-hub/index.ts";
import type { HubCommand, HubCount } from "./hub-program.ts";

const program = fileURLToPath(new URL("hub-program.ts", import.meta.url));

/** A Hub that shares no event loop with what is measured. */
export interface HubProcess {
  readonly url: string;
  add(repo: RepoDefinition): Promise<void>;
  /** Forgets what was; from now on these faults hold. */
  set(faults: readonly Fault[]): Promise<void>;
  count(): Promise<HubCount>;
  /** Resolves as soon as no request is at work. */
  silence(): Promise<void>;
  close(): Promise<void>;
}

export async function startHubProcess(): Promise<HubProcess> {
  const child = fork(program, [], { execArgv: ["--disable-warning=ExperimentalWarning"] });
  const [{ url }] = (await once(child, "message")) as [{ url: string }];
  const ask = async <Answer>(command: HubCommand): Promise<Answer> => {
    child.send(command);
    const [answer] = (await once(child, "message")) as [Answer];
    return answer;
  };
  return {
    url,
    add: (repo) => ask({ add: repo }),
    set: (faults) => ask({ set: faults }),
    count: () => ask({ count: true }),
    silence: () => ask({ awaitSilence: true }),
    async close() {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

import type { Server } from "../contract/servers.ts";
import type { Client } from "./api/client.ts";
import { followEvents } from "./api/follow-events.ts";
import { CommandError, interruptedError } from "./command-error.ts";
import type { Runtime } from "./runtime.ts";

/**
 * Starts, or restarts, a profile and waits until it is ready, showing the phase. Listening begins before the start, so that no
 * change is missed.
 * @throws CommandError with the reason when it fails; `interrupted` after Ctrl-C, while the start goes on.
 */
export async function startAndWait(
  { terminal, interrupts, isJson }: Runtime,
  client: Client,
  profileId: string,
  name: string,
  route: "startProfile" | "restartProfile" = "startProfile",
): Promise<Server> {
  const following = new AbortController();
  const release = interrupts.listen(() => following.abort());
  const show = createPhaseDisplay(terminal, isJson(), name);
  let id: string | null = null;
  try {
    for await (const event of followEvents(client, ["servers"], following.signal)) {
      let server: Server | null = null;
      if (event.type === "snapshot") {
        server = await client.call(route, { params: { id: profileId } });
        id = server.id;
      } else if (event.type === "server.changed" && event.data.id === id) server = event.data;
      else if (event.type === "server.progress" && event.data.id === id) {
        const { phase, done, total } = event.data;
        show(done === null || total === null || total === 0 ? phase : `${phase} ${Math.round((done / total) * 100)} %`);
      }
      if (server === null) continue;
      if (server.state === "ready") return server;
      throwIfOver(server, name);
      show(server.phase ?? server.state);
    }
    throw interruptedError(`${name} goes on starting. Stop it: mlx-manager stop ${name}`);
  } finally {
    release();
    following.abort();
    terminal.status("");
  }
}

function throwIfOver({ state, lastError, id }: Server, name: string): void {
  if (state === "failed") {
    throw new CommandError(
      lastError?.code ?? "engine_failed",
      `${name} did not start: ${lastError?.message ?? "no reason was given."} Log: mlx-manager logs ${id}`,
      { details: lastError?.details },
    );
  }
  if (state === "stopped" || state === "stopping" || state === "evicted") {
    throw new CommandError(
      "conflict",
      `${name} was stopped while it started. Start it again: mlx-manager start ${name}`,
    );
  }
}

function createPhaseDisplay(terminal: Runtime["terminal"], isSilent: boolean, name: string): (phase: string) => void {
  let last = "";
  return (phase) => {
    if (isSilent || phase === last) return;
    last = phase;
    if (terminal.hasStatusLine) terminal.status(`${name}: ${phase} …`.slice(0, terminal.statusColumns - 1));
    else terminal.note(`${name}: ${phase}`);
  };
}

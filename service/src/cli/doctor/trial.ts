import type { Model } from "../../contract/models.ts";
import type { Server } from "../../contract/servers.ts";
import { followEvents } from "../api/follow-events.ts";
import type { Followed } from "../api/follow-events.ts";
import { streamChat } from "../api/stream-chat.ts";
import { CommandError, interruptedError } from "../command-error.ts";
import { modelParams } from "../model-reference.ts";
import type { Runtime } from "../runtime.ts";
import { startAndWait } from "../wait-for-server.ts";

/** A model under trial: started, asked, measured and put back as it was. */
export interface Trial {
  readonly model: Model;
  readonly server: Server;
  readonly wasRunning: boolean;
}

export async function startTrial(runtime: Runtime, id: string): Promise<Trial> {
  const { client } = runtime;
  const model = await client().call("getModel", { params: modelParams(id) });
  const { items } = await client().call("listServers", { query: { limit: 200, running: true } });
  const wasRunning = items.some(({ profileId, state }) => profileId === model.profileId && state === "ready");
  const server = await startAndWait(quiet(runtime), client(), model.profileId, id);
  return { model, server, wasRunning };
}

/** A whole answer at temperature 0, without thinking. */
export async function ask({ client, interrupts }: Runtime, model: string, question: string): Promise<string> {
  const stop = new AbortController();
  const release = interrupts.listen(() => stop.abort());
  let text = "";
  try {
    const messages = [{ role: "user" as const, content: question }];
    for await (const part of streamChat(client(), { model, messages, temperature: 0, max_tokens: 200 }, stop.signal)) {
      if (part.type === "text") text += part.text;
    }
  } finally {
    release();
  }
  if (stop.signal.aborted) throw interruptedError("Stopped.");
  return text;
}

/** The footprint of a ready server: a reading from now on, else the last one. Null when there is none at all. */
export async function measure(runtime: Runtime, serverId: string): Promise<number | null> {
  const fresh = await watch(
    runtime,
    10,
    () => undefined,
    (event) => (event.type === "server.memory" && event.data.id === serverId ? event.data.memory.footprintBytes : null),
  );
  if (fresh !== null) return fresh;
  const present = await runtime.client().call("getServer", { params: { id: serverId } });
  return present.memory?.footprintBytes ?? null;
}

/** Kills the engine's process as the system would when memory runs out. @returns what the row says then; null: nothing. */
export function killEngine(runtime: Runtime, { id, pid }: Server): Promise<string | null> {
  return watch(
    runtime,
    60,
    () => {
      if (pid !== null) process.kill(pid, "SIGKILL");
    },
    (event) => {
      if (event.type !== "server.changed" || event.data.id !== id) return null;
      return event.data.lastError?.message ?? null;
    },
  );
}

/** Runs `begin` once listening, then waits for what `find` answers, at most so many seconds. */
async function watch<Found>(
  { client, interrupts }: Runtime,
  seconds: number,
  begin: () => void,
  find: (event: Followed) => Found | null,
): Promise<Found | null> {
  const stop = new AbortController();
  let isInterrupted = false;
  const release = interrupts.listen(() => {
    isInterrupted = true;
    stop.abort();
  });
  const timer = setTimeout(() => stop.abort(), seconds * 1000);
  try {
    for await (const event of followEvents(client(), ["servers"], stop.signal)) {
      if (event.type === "snapshot") begin();
      const found = find(event);
      if (found !== null) return found;
    }
    if (isInterrupted) throw interruptedError("Stopped.");
    return null;
  } finally {
    clearTimeout(timer);
    release();
    stop.abort();
  }
}

/** Stops what the trial started. */
export async function endTrial({ client }: Runtime, trial: Trial | null): Promise<void> {
  if (trial === null || trial.wasRunning) return;
  try {
    await client().call("stopProfile", { params: { id: trial.model.profileId } });
  } catch (error) {
    // The trial is over and told; a service that has gone needs no stopping.
    if (!(error instanceof CommandError)) throw error;
  }
}

function quiet(runtime: Runtime): Runtime {
  return { ...runtime, isJson: () => true };
}

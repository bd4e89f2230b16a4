import type { Toast } from "@raycast/api";
import { useCallback, useState } from "react";
import type { Client } from "../api/client.ts";
import { ApiError } from "../api/errors.ts";
import { loadModel, restartProfile, startProfile, stopNamed, stopProfile } from "../api/requests.ts";
import type { Server } from "../api/schemas.ts";
import { attempt } from "../feedback/failure-toast.ts";
import { isRunning } from "../format/model-entries.ts";
import type { ModelEntry } from "../format/model-entries.ts";
import { holdersOf, holderText } from "../format/server-lines.ts";
import type { ServiceHandle } from "./service-handle.ts";

export type ExpectedState = "starting" | "stopping" | "restarting";

export interface ServerToggle {
  /** What was asked for and not answered yet, by profile: shown at once, taken back when refused. */
  expected: ReadonlyMap<string, ExpectedState>;
  toggle(entry: ModelEntry): Promise<void>;
  restart(entry: ModelEntry): Promise<void>;
  /** Stops what is in the way, then starts. */
  startInsteadOf(holder: string, entry: ModelEntry): Promise<void>;
}

/** Starting and stopping that the screen follows at the key press. */
export function useServerToggle({
  client,
  absorbServer,
}: Pick<ServiceHandle, "client" | "absorbServer">): ServerToggle {
  const [expected, setExpected] = useState<ReadonlyMap<string, ExpectedState>>(new Map());

  const expecting = useCallback(async (profile: string, state: ExpectedState, work: () => Promise<void>) => {
    setExpected((before) => new Map(before).set(profile, state));
    try {
      await work();
    } finally {
      setExpected((before) => without(before, profile));
    }
  }, []);

  const start = useCallback(
    (entry: ModelEntry): Promise<void> =>
      expecting(entry.profileId, "starting", async () => {
        const { model, profileId, isNamed } = entry;
        const request = (): Promise<Server> =>
          isNamed ? startProfile(client, profileId) : loadModel(client, model.id);
        const step = (error: unknown) =>
          roomStep(error, async (holder) => {
            if (await stopHolder(client, holder)) await start(entry);
          });
        const started = await attempt(`${model.id} Not Started`, request, step);
        if (started !== undefined) absorbServer(started);
      }),
    [client, absorbServer, expecting],
  );

  const toggle = useCallback(
    async (entry: ModelEntry) => {
      const { model, profileId, server } = entry;
      if (!isRunning(server)) return await start(entry);
      return await expecting(profileId, "stopping", async () => {
        await attempt(`${model.id} Not Stopped`, () => stopProfile(client, profileId));
      });
    },
    [client, expecting, start],
  );

  const restart = useCallback(
    ({ model, profileId }: ModelEntry) =>
      expecting(profileId, "restarting", async () => {
        const restarted = await attempt(`${model.id} Not Restarted`, () => restartProfile(client, profileId));
        if (restarted !== undefined) absorbServer(restarted);
      }),
    [client, absorbServer, expecting],
  );

  const startInsteadOf = useCallback(
    async (holder: string, entry: ModelEntry) => {
      if (await stopHolder(client, holder)) await start(entry);
    },
    [client, start],
  );
  return { expected, toggle, restart, startInsteadOf };
}

async function stopHolder(client: Client, profile: string): Promise<boolean> {
  const stopped = await attempt(`${profile} Not Stopped`, () => stopNamed(client, profile).then(() => true));
  return stopped === true;
}

/** A load that was refused for want of room: the largest of those in the way may go for it. */
function roomStep(error: unknown, stopAndStart: (holder: string) => Promise<void>): Toast.ActionOptions | undefined {
  const [holder] = error instanceof ApiError ? holdersOf(error.details) : [];
  if (holder === undefined) return undefined;
  return {
    title: `Stop ${holderText(holder)}`,
    onAction: async (toast) => {
      await toast.hide();
      await stopAndStart(holder.profile);
    },
  };
}

function without(map: ReadonlyMap<string, ExpectedState>, key: string): ReadonlyMap<string, ExpectedState> {
  return new Map([...map].filter(([known]) => known !== key));
}

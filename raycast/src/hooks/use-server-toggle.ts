import { useCallback, useState } from "react";
import { loadModel, restartProfile, startProfile, stopProfile } from "../api/requests.ts";
import type { Server } from "../api/schemas.ts";
import { attempt } from "../feedback/failure-toast.ts";
import { isRunning } from "../format/model-entries.ts";
import type { ModelEntry } from "../format/model-entries.ts";
import type { ServiceHandle } from "./service-handle.ts";

export type ExpectedState = "starting" | "stopping" | "restarting";

export interface ServerToggle {
  /** What was asked for and not answered yet, by profile: shown at once, taken back when refused. */
  expected: ReadonlyMap<string, ExpectedState>;
  toggle(entry: ModelEntry): Promise<void>;
  restart(entry: ModelEntry): Promise<void>;
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

  const toggle = useCallback(
    async ({ model, profileId, server, isNamed }: ModelEntry) => {
      if (isRunning(server)) {
        return await expecting(profileId, "stopping", async () => {
          await attempt(`${model.id} Not Stopped`, () => stopProfile(client, profileId));
        });
      }
      return await expecting(profileId, "starting", async () => {
        const start = (): Promise<Server> => (isNamed ? startProfile(client, profileId) : loadModel(client, model.id));
        const started = await attempt(`${model.id} Not Started`, start);
        if (started !== undefined) absorbServer(started);
      });
    },
    [client, absorbServer, expecting],
  );

  const restart = useCallback(
    ({ model, profileId }: ModelEntry) =>
      expecting(profileId, "restarting", async () => {
        const restarted = await attempt(`${model.id} Not Restarted`, () => restartProfile(client, profileId));
        if (restarted !== undefined) absorbServer(restarted);
      }),
    [client, absorbServer, expecting],
  );
  return { expected, toggle, restart };
}

function without(map: ReadonlyMap<string, ExpectedState>, key: string): ReadonlyMap<string, ExpectedState> {
  return new Map([...map].filter(([known]) => known !== key));
}

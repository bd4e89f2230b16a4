import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Client } from "../api/client.ts";
import type { Connection } from "../api/connection.ts";
import { ApiError, isAbort } from "../api/errors.ts";
import { followEvents } from "../api/events.ts";
import type { Topic } from "../api/events.ts";
import { fetchModels, fetchSnapshot } from "../api/fetch-snapshot.ts";
import { applyEvent, applySnapshot, concernsModels, EMPTY_STATE } from "../api/live-state.ts";
import type { LiveState } from "../api/live-state.ts";
import type { Download, Server } from "../api/schemas.ts";
import { createFlushTimer } from "./flush-timer.ts";
import { wait } from "./wait.ts";

/** Ten downloads tell their progress twice a second each: that may not make twenty renders. */
const FLUSH_MS = 120;

export interface ServiceState {
  state: LiveState;
  /** False before the first snapshot: an empty list says nothing yet. */
  isLoaded: boolean;
  /** Takes a row from an answer, so that the screen follows the key press and not the next event. */
  absorbDownload(download: Download): void;
  absorbServer(server: Server): void;
}

interface Options {
  /** Undefined while there is nobody to talk to. */
  connection: Connection | undefined;
  client: Client | undefined;
  /** A constant list: another one opens another stream. */
  topics: readonly Topic[];
  /** Called when the stream of events broke: whoever knows the service's health has a look. */
  onInterrupted(): void;
}

/** The service's live state by its events; while there is no stream, by asking, ever less often. */
export function useServiceState({ connection, client, topics, onInterrupted }: Options): ServiceState {
  const current = useRef<LiveState>(EMPTY_STATE);
  const [shown, setShown] = useState({ state: EMPTY_STATE, isLoaded: false });
  const interrupted = useRef(onInterrupted);
  interrupted.current = onInterrupted;

  useEffect(() => {
    if (connection === undefined || client === undefined) return;
    const lifetime = new AbortController();
    const { signal } = lifetime;
    const timer = createFlushTimer(() => setShown({ state: current.current, isLoaded: true }), FLUSH_MS);
    const models = createModelRefresh(client, signal, (list) => {
      current.current = { ...current.current, models: list };
      timer.request();
    });

    void followEvents(
      { connection, topics, signal, wait },
      {
        onSnapshot: (snapshot) => {
          current.current = applySnapshot(current.current, snapshot);
          timer.now();
        },
        onEvent: (event) => {
          current.current = applyEvent(current.current, event);
          if (topics.includes("models") && concernsModels(event)) models();
          timer.request();
        },
        onInterrupted: (error) => {
          interrupted.current();
          // Nobody is there to ask; the next attempt of the stream is soon enough.
          if (error instanceof ApiError && error.kind === "network" && error.code !== "closed") return;
          void fetchSnapshot(client, topics, signal).then((snapshot) => {
            current.current = applySnapshot(current.current, snapshot);
            timer.now();
          }, ignoreWhileInterrupted);
        },
      },
    );
    return () => {
      lifetime.abort();
      timer.cancel();
    };
  }, [connection, client, topics]);

  const change = useCallback((apply: (state: LiveState) => LiveState) => {
    current.current = apply(current.current);
    setShown((before) => ({ ...before, state: current.current }));
  }, []);

  const absorbDownload = useCallback(
    (download: Download) =>
      change((state) => {
        const known = state.downloads.find(({ id }) => id === download.id);
        // The answer may come after the event of a later change.
        if (known !== undefined && known.updatedAt > download.updatedAt) return state;
        return applyEvent(state, { type: "download.changed", data: download, id: "", at: download.updatedAt });
      }),
    [change],
  );
  const absorbServer = useCallback(
    (server: Server) =>
      change((state) => {
        if (state.servers.some(({ id }) => id === server.id)) return state;
        return applyEvent(state, { type: "server.changed", data: server, id: "", at: server.createdAt });
      }),
    [change],
  );
  return useMemo(() => ({ ...shown, absorbDownload, absorbServer }), [shown, absorbDownload, absorbServer]);
}

/** Asks for the list again; requests while one is under way make one more, not many. */
function createModelRefresh(client: Client, signal: AbortSignal, use: (models: LiveState["models"]) => void) {
  let running = false;
  let again = false;
  const refresh = async () => {
    again = running;
    if (running) return;
    running = true;
    try {
      use(await fetchModels(client, signal));
    } catch (error) {
      ignoreWhileInterrupted(error);
    } finally {
      running = false;
    }
    if (again && !signal.aborted) await refresh();
  };
  return () => void refresh();
}

/**
 * The service fell silent between two events: its health is being asked for, and the snapshot of the next stream holds what
 * was missed. Anything that is not the service's failure is ours and must be seen.
 */
function ignoreWhileInterrupted(error: unknown): void {
  if (!isAbort(error) && !(error instanceof ApiError)) throw error;
}

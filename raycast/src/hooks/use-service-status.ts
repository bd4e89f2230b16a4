import { useCallback, useEffect, useRef, useState } from "react";
import { checkService } from "../api/check-service.ts";
import type { ServiceStatus } from "../api/check-service.ts";
import { readConnection } from "../api/connection.ts";
import type { Connection } from "../api/connection.ts";
import { isAbort } from "../api/errors.ts";
import { findProgram } from "../program/find-program.ts";
import { wait } from "./wait.ts";

/** How often a service that is not there is looked for again. */
const LOOK_AGAIN_MS = 2_000;
/** A restart takes a moment: a lost service is asked this often before the screen says so. */
const PATIENCE = 4;
const PATIENCE_MS = 400;

export interface ServiceHealth {
  /** Undefined before the first answer. */
  status: ServiceStatus | undefined;
  /** Looks again now. */
  retry(): Promise<ServiceStatus | undefined>;
  /** The service may be gone: looks, and gives it a moment to come back before the status changes. */
  suspect(): void;
}

/** Watches whether the service is there. Keeps looking while it is not; while it is, the stream of events tells. */
export function useServiceStatus(): ServiceHealth {
  const [status, setStatus] = useState<ServiceStatus>();
  const present = useRef<ServiceStatus>(undefined);
  const lifetime = useRef(new AbortController());
  const suspected = useRef(false);

  const look = useCallback(async (): Promise<ServiceStatus | undefined> => {
    const { signal } = lifetime.current;
    try {
      const connection = keepIdentity(present.current?.connection, readConnection());
      const found = await checkService({ connection, signal, findProgram });
      return signal.aborted ? undefined : found;
    } catch (error) {
      if (isAbort(error) || signal.aborted) return undefined;
      throw error;
    }
  }, []);

  const show = useCallback((found: ServiceStatus | undefined) => {
    // The same state again is no news: an equal object keeps React from rendering.
    if (found === undefined || JSON.stringify(found) === JSON.stringify(present.current)) return;
    present.current = found;
    setStatus(found);
  }, []);

  const retry = useCallback(async () => {
    const found = await look();
    show(found);
    return found;
  }, [look, show]);

  const suspect = useCallback(() => {
    if (suspected.current) return;
    suspected.current = true;
    void (async () => {
      let found = await look();
      for (let attempt = 1; attempt < PATIENCE && isGone(found); attempt += 1) {
        await wait(PATIENCE_MS, lifetime.current.signal);
        found = await look();
      }
      suspected.current = false;
      show(found);
    })();
  }, [look, show]);

  useEffect(() => {
    // React may mount twice in development: each life has its own signal.
    if (lifetime.current.signal.aborted) lifetime.current = new AbortController();
    const { signal } = lifetime.current;
    void retry();
    return () => {
      if (!signal.aborted) lifetime.current.abort();
    };
  }, [retry]);

  const isMissing = isGone(status);
  useEffect(() => {
    if (!isMissing) return;
    const looking = new AbortController();
    void (async () => {
      while (!looking.signal.aborted) {
        await wait(LOOK_AGAIN_MS, looking.signal);
        if (!looking.signal.aborted) await retry();
      }
    })();
    return () => looking.abort();
  }, [isMissing, retry]);

  return { status, retry, suspect };
}

function isGone(status: ServiceStatus | undefined): boolean {
  return status !== undefined && status.kind !== "ready";
}

/** Effects depend on the connection: the same one must stay the same object. */
function keepIdentity(before: Connection | undefined, now: Connection): Connection {
  return before !== undefined && before.address === now.address && before.key === now.key ? before : now;
}

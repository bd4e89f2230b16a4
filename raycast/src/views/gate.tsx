import { useMemo, useRef } from "react";
import type { ReactNode } from "react";
import { createClient } from "../api/client.ts";
import type { Topic } from "../api/events.ts";
import { useServiceState } from "../hooks/use-service-state.ts";
import { useServiceStatus } from "../hooks/use-service-status.ts";
import { ServiceProblem } from "./service-problem.tsx";
import type { ServiceHandle } from "../hooks/service-handle.ts";

interface GateProps {
  /** What the view behind the gate shows; a constant list. */
  topics: readonly Topic[];
  /** Shown until the first answer: empty, loading, and of the view's own shape, so that nothing jumps. */
  placeholder: ReactNode;
  /** Once open, stays open: for views with text of the user or of a model that a restart may not take away. */
  staysOpen?: boolean;
  children: (service: ServiceHandle) => ReactNode;
}

/** Stands around every command: opens when the service is there, else says what is wrong and offers the next step. */
export function Gate({ topics, placeholder, staysOpen = false, children }: GateProps): ReactNode {
  const { status, retry, suspect } = useServiceStatus();
  const connection = status?.kind === "ready" ? status.connection : undefined;
  const client = useMemo(() => (connection === undefined ? undefined : createClient(connection)), [connection]);
  const live = useServiceState({ connection, client, topics, onInterrupted: suspect });

  const last = useRef<Pick<ServiceHandle, "connection" | "client">>(undefined);
  if (connection !== undefined && client !== undefined) last.current = { connection, client };

  if (last.current !== undefined && (connection !== undefined || staysOpen)) {
    return children({ ...live, ...last.current });
  }
  if (status === undefined || status.kind === "ready") return placeholder;
  return <ServiceProblem status={status} retry={retry} />;
}

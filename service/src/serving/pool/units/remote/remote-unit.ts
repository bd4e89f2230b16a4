import type { ProfileRemote } from "../../../../contract/profile-kinds.ts";
import type { SettingValues } from "../../../../contract/settings.ts";
import type { Clock } from "../../../../platform/clock.ts";
import { AppError, isAppError } from "../../../../platform/errors.ts";
import { undici } from "../../../../platform/undici.ts";
import type { RemoteKeys } from "../../../profiles/index.ts";
import { createCircuit, usualCircuit } from "./circuit.ts";
import type { CircuitFailure, CircuitLimits } from "./circuit.ts";
import { watchedDispatcher } from "./circuit-dispatcher.ts";
import { abortable, deferred } from "../../deferred.ts";
import { probeRemote } from "./remote-probe.ts";
import type { ServingUnit, UnitEndpoint, UnitHealth, UnitObserver } from "../serving-unit.ts";

export interface RemoteUnitOptions {
  readonly profileId: string;
  readonly remote: ProfileRemote;
  readonly keys: Pick<RemoteKeys, "load" | "current">;
  readonly settings: () => SettingValues;
  readonly observer: UnitObserver;
  /** A line of the server's log. */
  readonly note: (level: "info" | "warning", text: string) => void;
  readonly clock: Clock;
  readonly limits?: CircuitLimits;
}

/**
 * A `ServingUnit` that is elsewhere: no process, port or memory. Ready after one token; then its requests tell how it
 * is, since each token there may cost money. Certificates are verified, redirects not followed. The key is read when
 * it starts and given to each lease anew, so that a changed one acts at once.
 */
export function createRemoteUnit(options: RemoteUnitOptions): ServingUnit {
  const { profileId, remote, keys, settings, observer, note, clock, limits = usualCircuit } = options;
  const ready = deferred<UnitEndpoint>();
  const never = deferred<AppError>();
  const agent = new undici.Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 15_000 } });
  const abandoned = new AbortController();
  const { host } = new URL(remote.baseUrl);
  let state: ServingUnit["state"] = "idle";
  let report: (health: UnitHealth) => void = () => undefined;

  const headers = (): Record<string, string> => {
    const key = keys.current(profileId, remote);
    return { ...remote.headers, ...(key === null ? {} : { authorization: `Bearer ${key}` }) };
  };
  const probe = (): Promise<CircuitFailure | null> =>
    probeRemote({
      ...{ remote, headers: headers(), dispatcher: agent, clock, signal: abandoned.signal },
      deadlineMs: settings().probeDeadlineSeconds * 1000,
    });
  const circuit = createCircuit({
    ...{ clock, limits },
    tryAgain: () => void tryAgain(),
    changed() {
      const view = circuit.view();
      note(view.state === "closed" ? "info" : "warning", `${host}: ${circuitText(view.state, view.reason)}`);
      report({
        status: view.state === "closed" ? (view.failures === 0 ? "healthy" : "unknown") : "unhealthy",
        failureCount: view.failures,
        error: view.state === "closed" ? null : refused(host, view.reason, view.opensForMs),
      });
    },
  });
  const tryAgain = async (): Promise<void> => {
    try {
      const failure = await probe();
      if (failure === null) circuit.succeeded();
      else circuit.failed(failure);
    } catch (error) {
      if (state !== "ended") circuit.failed({ reason: "it could not be asked", retryAfterMs: null });
      if (!abandoned.signal.aborted) note("warning", `${host}: ${String((error as Error).name)}`);
    }
  };
  const endpoint: UnitEndpoint = {
    url: remote.baseUrl,
    get headers() {
      return headers();
    },
    dispatcher: watchedDispatcher(agent, {
      refusal() {
        const view = circuit.view();
        return view.state === "closed" ? null : refused(host, view.reason, view.opensForMs);
      },
      succeeded: circuit.succeeded,
      failed: circuit.failed,
    }),
    ...{ contextLength: null, vocabularySize: null },
  };

  const start = async (): Promise<void> => {
    state = "starting";
    const key = await keys.load(profileId, remote);
    if (key === null && remote.hasKey)
      throw new AppError("engine_failed", `The key for ${host} is gone. Store it again.`);
    if (abandoned.signal.aborted) return;
    state = "warming";
    observer.warming();
    const failure = await probe();
    if (abandoned.signal.aborted) return;
    if (failure !== null) throw notReady(host, failure);
    state = "ready";
    note("info", `${host}: a token came back`);
    ready.resolve(endpoint);
  };

  return {
    get state() {
      return state;
    },
    ended: never.promise,
    ensureReady(signal) {
      if (state === "idle")
        start().catch((error: unknown) => {
          if (state === "ended") return;
          state = "ended";
          const text = `${host} could not be asked. Check the address.`;
          ready.reject(isAppError(error) ? error : new AppError("engine_failed", text, { cause: error }));
        });
      return abortable(ready.promise, signal);
    },
    async stop() {
      state = "ended";
      circuit.stop();
      abandoned.abort(new DOMException("The remote server is stopped.", "AbortError"));
      ready.reject(new AppError("engine_failed", "The server was stopped before it was ready."));
      await agent.destroy();
    },
    isRunning: () => state === "ready",
    memory: () => null,
    stderrTail: () => [],
    watchHealth(listener) {
      report = listener;
      return { checkNow: () => undefined, stop: () => void (report = () => undefined) };
    },
  };
}

function circuitText(state: "closed" | "open" | "half-open", reason: string | null): string {
  if (state === "closed") return reason === null ? "it answers again" : reason;
  return state === "open" ? `${reason ?? "it failed"}; requests are refused for now` : "it is tried again";
}

function refused(host: string, reason: string | null, forMs: number | null): AppError {
  const seconds = forMs === null ? null : Math.ceil(forMs / 1000);
  const when = seconds === null ? "It is being tried again." : `It is tried again in ${seconds} seconds.`;
  return new AppError("engine_failed", `${host} fails: ${reason ?? "it did not answer"}. ${when}`, {
    details: { source: "engine", circuit: "open", ...(seconds === null ? {} : { retryAfterSeconds: seconds }) },
  });
}

function notReady(host: string, { reason, retryAfterMs }: CircuitFailure): AppError {
  const retry = retryAfterMs === null ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) };
  return new AppError("engine_failed", `${host} is not ready: ${reason}.`, {
    details: { source: "engine", ...retry },
  });
}

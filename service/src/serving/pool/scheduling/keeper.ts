import type { Profile } from "../../../contract/profiles.ts";
import type { Server } from "../../../contract/servers.ts";
import { AppError, isAppError } from "../../../platform/errors.ts";
import type { Log } from "../../../platform/log.ts";
import { abortable, deferred } from "../deferred.ts";
import type { ModelLocation } from "../units/process/engine-command.ts";
import { unexpectedFailure } from "../failures.ts";
import type { Lease, LoadProgress } from "../lease.ts";
import { visitWhile } from "./living-server.ts";
import type { LivingServer, Ticket, Wish } from "./living-server.ts";
import { idleMsOf, limitsOf } from "./memory-limits.ts";
import { placeOf } from "./place-facts.ts";
import type { PlaceFacts } from "./place-facts.ts";
import type { PoolDependencies } from "../pool.ts";
import { createQueueNews } from "./queue-news.ts";
import { refusalError, unloadText } from "./refusals.ts";
import type { ServerName } from "./refusals.ts";
import { createRunLoop } from "./run-loop.ts";
import type { Effect, Limits, PoolState, Refusal } from "./scheduler-state.ts";
import { treatmentOf } from "./server-plan.ts";
import type { Supervisor } from "../supervision/supervisor.ts";

/** How a server is made that waits for its admission and tells how it stands in the pool. */
export interface LaunchOptions {
  readonly admitted: (signal: AbortSignal) => Promise<void>;
  readonly place: () => PlaceFacts;
}

export interface KeeperDependencies extends Pick<PoolDependencies, "clock" | "settings" | "machine"> {
  readonly log: Log;
  readonly launch: (profile: Profile, location: ModelLocation, options: LaunchOptions) => Supervisor;
  readonly graceMs: () => number;
}

export interface RequestOptions {
  readonly client: string;
  /** How long the server is to stay idle after it; left out: as it is. */
  readonly keepMs: number | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: ((progress: LoadProgress) => void) | undefined;
}

/** The servers that live, and who waits for them. It carries out what the scheduler decides. */
export interface Keeper {
  all(): Supervisor[];
  /** What is reserved for a key's server, if there is one: then nothing has to be predicted. */
  present(key: string): Pick<Wish, "plan" | "forecast"> | null;
  request(wish: Wish, options: RequestOptions): Promise<Lease>;
  /** @throws AppError why it cannot be, at once; a server that leaves is waited for. */
  start(wish: Wish, options: { readonly mayEvict: boolean; readonly signal: AbortSignal }): Promise<Supervisor>;
  stop(wanted: (supervisor: Supervisor) => boolean, reason: AppError, graceMs: number): Promise<Server[]>;
  /** A profile has changed: its pin, its time and its places act at once. */
  profileChanged(profile: Profile): void;
  limitsChanged(): void;
  /** Nobody waits any more. */
  close(reason: AppError): void;
}

export function createKeeper(dependencies: KeeperDependencies): Keeper {
  const { clock, settings, machine, log, launch, graceMs } = dependencies;
  const living = new Map<string, LivingServer>();
  const tickets = new Map<number, Ticket>();
  const names = new Map<string, ServerName>();
  let lastId = 0;
  /** The waiters that were last looked at; null when a server is new to those who wait already. */
  let seen: PoolState["waiters"] | null = null;

  const footprintOf = (key: string): number => living.get(key)?.supervisor.guarded.reading()?.footprintBytes ?? 0;
  const limits = (): Limits =>
    limitsOf({ settings: settings.values(), memory: machine.memory, state: loop.state, footprintOf });
  const nameOf = (key: string): ServerName | null => names.get(key) ?? null;

  const perform = (effect: Effect): void => {
    switch (effect.type) {
      case "open":
        return open(effect);
      case "admit":
        living.get(effect.key)?.admission.resolve();
        return;
      case "turn-away": {
        const server = living.get(effect.key);
        server?.admission.reject(errorOf(effect.refusal, server.wish));
        return;
      }
      case "unload": {
        const supervisor = living.get(effect.key)?.supervisor;
        const because = unloadText(effect.reason, nameOf);
        supervisor?.stop(unloaded(because), graceMs(), { state: "evicted", because }).catch(unforeseen);
        return;
      }
      case "grant":
        return grant(effect);
      case "refuse": {
        const ticket = tickets.get(effect.id);
        ticket?.refuse(errorOf(effect.refusal, ticket.wish));
        return;
      }
    }
  };
  const errorOf = (refusal: Refusal, { profile, forecast }: Wish): AppError =>
    refusalError(refusal, { name: profile.slug ?? profile.model, forecast, nameOf });
  const unforeseen = (error: unknown): void => log.error({ error }, "a server could not be unloaded");

  const open = ({ key, run, id }: Extract<Effect, { type: "open" }>): void => {
    const wish = tickets.get(id)?.wish;
    try {
      if (wish === undefined) throw new Error("A server was wanted by nobody.");
      const admission = deferred();
      const { profile, location } = wish;
      names.set(key, { profile: profile.slug ?? profile.model, model: profile.model });
      const supervisor = launch(profile, location, {
        admitted: (signal) => abortable(admission.promise, signal),
        place: () => placeOf(loop.state, { key, run }, clock, { idleMs: idleMsOf(settings.values()) }),
      });
      living.set(key, { key, run, supervisor, wish, admission, visit: null, latest: { phase: "queued" } });
      seen = null;
      watch(supervisor, key, run);
      void supervisor.settled.then(() => {
        if (living.get(key)?.supervisor === supervisor) living.delete(key);
        names.delete(key);
        loop.dispatch({ type: "gone", key, run });
      });
    } catch (error) {
      tickets.get(id)?.refuse(isAppError(error) ? error : unexpectedFailure(error));
      loop.dispatch({ type: "leaving", key, run, error });
      loop.dispatch({ type: "gone", key, run });
    }
  };
  /** Tells when it takes requests, or why it does not: once for each of its processes. */
  const watch = (supervisor: Supervisor, key: string, run: number): void => {
    supervisor.whenReady().then(
      () => loop.dispatch({ type: "ready", key, run }),
      (error: unknown) => loop.dispatch({ type: "leaving", key, run, error }),
    );
  };
  const grant = ({ run, waiter }: Extract<Effect, { type: "grant" }>): void => {
    const { key, id } = waiter;
    const supervisor = living.get(key)?.supervisor;
    const lease = supervisor?.lease() ?? null;
    const ticket = tickets.get(id);
    if (lease === null || ticket === undefined) {
      lease?.release();
      loop.dispatch({ type: "lost", run, waiter, isLeaving: supervisor?.isLeaving ?? true });
      if (supervisor !== undefined && !supervisor.isLeaving) watch(supervisor, key, run);
      return;
    }
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      lease.release();
      loop.dispatch({ type: "release", key, run });
    };
    ticket.grant({ ...lease, release });
  };

  const queueNews = createQueueNews({
    ...{ clock, state: () => loop.state },
    tell: (id, place, length) => tickets.get(id)?.onProgress?.({ phase: "queued", done: place, total: length }),
  });
  const rest = (state: PoolState): void => {
    if (state.waiters === seen) return;
    if (state.waiters.length > 0) queueNews.changed();
    const before = seen ?? [];
    seen = state.waiters;
    for (const server of living.values()) {
      const waiting = state.waiters.filter(({ key }) => key === server.key).length;
      if (waiting !== before.filter(({ key }) => key === server.key).length) server.supervisor.profileChanged();
      const phase = state.slots.get(server.key)?.phase;
      visitWhile(server, waiting > 0 && (phase === "waiting" || phase === "loading"), (progress) => {
        for (const { wish, onProgress } of tickets.values()) if (wish.key === server.key) onProgress?.(progress);
      });
    }
  };
  /** What a server decided by itself is looked up before somebody is told to wait for it. */
  const noteLeaving = (key: string): LivingServer | undefined => {
    const server = living.get(key);
    if (server?.supervisor.isLeaving === true) loop.dispatch({ type: "leaving", key, run: server.run, error: null });
    return server;
  };

  /** What a request is told that begins to wait. A ready server has no place for it yet. */
  const newsOf = (key: string): LoadProgress =>
    (loop.state.slots.get(key)?.phase === "ready" ? null : living.get(key)?.latest) ?? { phase: "queued" };

  const loop = createRunLoop({ clock, limits, perform, rest });
  return {
    all: () => [...living.values()].map(({ supervisor }) => supervisor),
    present(key) {
      const server = living.get(key);
      return server === undefined || server.supervisor.isLeaving ? null : server.wish;
    },
    request(wish, { client, keepMs, signal, onProgress }) {
      noteLeaving(wish.key);
      return new Promise((resolve, reject) => {
        const id = (lastId += 1);
        let isTold = false;
        let isWaiting = false;
        const settle = (): void => {
          tickets.delete(id);
          if (isWaiting) signal.removeEventListener("abort", abort);
        };
        const abort = (): void => {
          settle();
          loop.dispatch({ type: "abandon", id });
          reject(signal.reason as Error);
        };
        tickets.set(id, {
          wish,
          onProgress(progress) {
            isTold = true;
            onProgress?.(progress);
          },
          grant(lease) {
            settle();
            resolve(lease);
          },
          refuse(error) {
            settle();
            reject(error);
          },
        });
        const now = clock.monotonic();
        const { key, plan } = wish;
        loop.dispatch({ type: "arrive", waiter: { id, key, plan, client, keepMs, arrivedAt: now, queuedAt: now } });
        // Mostly there was a place at once.
        if (!tickets.has(id)) return;
        isWaiting = true;
        signal.addEventListener("abort", abort, { once: true });
        if (!isTold) onProgress?.(newsOf(key));
      });
    },
    async start(wish, { mayEvict, signal }) {
      const { key, plan } = wish;
      for (let server = noteLeaving(key); server?.supervisor.isLeaving === true; server = noteLeaving(key))
        await abortable(server.supervisor.settled, signal);
      const id = (lastId += 1);
      const refusals: AppError[] = [];
      tickets.set(id, {
        wish,
        onProgress: undefined,
        grant: (lease) => lease.release(),
        refuse: (e) => refusals.push(e),
      });
      loop.dispatch({ type: "start", id, key, plan, mayEvict });
      tickets.delete(id);
      const supervisor = living.get(key)?.supervisor;
      if (refusals[0] !== undefined || supervisor === undefined) throw refusals[0] ?? unexpectedFailure(null);
      supervisor.keep();
      return supervisor;
    },
    async stop(wanted, reason, forMs) {
      const chosen = [...living.values()].filter(({ supervisor }) => wanted(supervisor));
      const stopped = chosen.map(({ key, run, supervisor }) => {
        const ended = supervisor.stop(reason, forMs);
        loop.dispatch({ type: "leaving", key, run, error: reason });
        return ended;
      });
      await Promise.all(stopped);
      return chosen.map(({ supervisor }) => supervisor.view());
    },
    profileChanged(profile) {
      for (const { key, supervisor } of [...living.values()]) {
        if (supervisor.profileId !== profile.id) continue;
        loop.dispatch({ type: "configure", key, plan: treatmentOf(profile) });
        supervisor.profileChanged();
      }
    },
    limitsChanged: () => loop.dispatch({ type: "limits" }),
    close(reason) {
      loop.dispatch({ type: "close", error: reason });
      queueNews.close();
      loop.close();
    },
  };
}

/** Heard only by who waits for this very server to be ready again. */
function unloaded(because: string): AppError {
  return new AppError("engine_failed", `${because} Start it again.`);
}

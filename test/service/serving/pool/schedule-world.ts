import { nextWake, schedule } from "../../../../service/src/serving/pool/scheduling/scheduler.ts";
import { emptyPool } from "../../../../service/src/serving/pool/scheduling/scheduler-state.ts";
import type {
  Effect,
  Limits,
  PoolEvent,
  PoolState,
  ServerPlan,
  Waiter,
} from "../../../../service/src/serving/pool/scheduling/scheduler-state.ts";

/** A generated model: what it takes and how it behaves. Times are whole milliseconds. */
export interface ModelScript {
  readonly plan: ServerPlan;
  readonly loadMs: number;
  readonly unloadMs: number;
  /** The loads, counted from 0, that fail. */
  readonly failedLoads: readonly number[];
}

export type Command =
  | {
      readonly type: "request";
      readonly model: number;
      readonly client: number;
      readonly workMs: number;
      readonly patienceMs: number | null;
      readonly keepMs: number | undefined;
    }
  | { readonly type: "start"; readonly model: number; readonly mayEvict: boolean }
  /** A person stops what runs of the model. */
  | { readonly type: "stop"; readonly model: number }
  /** The engine dies: found out by the next who is given a place there. */
  | { readonly type: "crash"; readonly model: number; readonly forGood: boolean }
  | { readonly type: "pin"; readonly model: number; readonly isPinned: boolean };

export interface Schedule {
  readonly models: readonly ModelScript[];
  readonly limits: Omit<Limits, "freeBytes" | "footprintOf">;
  readonly commands: readonly { readonly afterMs: number; readonly command: Command }[];
}

/** What became of one request. */
export interface Outcome {
  readonly id: number;
  readonly key: string;
  readonly client: string;
  readonly arrivedAt: number;
  /** Requests that waited already. */
  readonly ahead: number;
  end: "waiting" | "served" | "refused" | "left";
  refusal: string | null;
  endedAt: number;
}

interface Server {
  readonly key: string;
  readonly run: number;
  readonly plan: ServerPlan;
  phase: "opened" | "loading" | "ready" | "dead" | "leaving";
  isAdmitted: boolean;
  inFlight: number;
  readonly work: Set<() => void>;
  servedSinceReady: number;
  waitingAtReady: number;
}

export class BrokenRule extends Error {
  override readonly name = "BrokenRule";
}

/**
 * Runs a generated schedule through the scheduler with servers that only keep books, and checks after every step what
 * must always hold. It keeps its own books: what the scheduler says of itself is compared, never believed.
 */
export function runSchedule({ models, limits: given, commands }: Schedule) {
  const limits: Limits = { ...given, freeBytes: null, footprintOf: () => 0 };
  const keys = models.map((_, index) => `m${index}`);
  const plans = new Map(models.map(({ plan }, index) => [keys[index] as string, plan]));
  const scriptOf = (key: string) => models[keys.indexOf(key)] as ModelScript;
  const outcomes = new Map<number, Outcome>();
  const servers = new Map<string, Server>();
  const loads = new Map<string, number>();
  const agenda: { at: number; order: number; call: () => void }[] = [];
  const swaps: { readonly key: string; readonly served: number; readonly due: number; readonly hadTime: boolean }[] =
    [];
  let state: PoolState = emptyPool;
  let now = 0;
  let count = 0;

  const at = (time: number, call: () => void) => agenda.push({ at: time, order: (count += 1), call });
  const held = () =>
    [...servers.values()].reduce((sum, { isAdmitted, plan }) => sum + (isAdmitted ? plan.bytes : 0), 0);
  const broken = (rule: string): never => {
    throw new BrokenRule(
      `${rule} at ${now} ms: ${JSON.stringify([...servers.values()].map(({ key, phase, inFlight }) => ({ key, phase, inFlight })))}`,
    );
  };

  const inbox: PoolEvent[] = [];
  let isRunning = false;
  const dispatch = (event: PoolEvent): void => {
    inbox.push(event);
    if (isRunning) return;
    isRunning = true;
    for (let next = inbox.shift(); next !== undefined; next = inbox.shift()) {
      const before = state;
      const copy = JSON.stringify([...before.slots.values()]);
      const step = schedule(before, next, now, limits);
      if (JSON.stringify([...before.slots.values()]) !== copy) broken("a step changed the state it was given");
      state = step.state;
      for (const effect of step.effects) perform(effect);
      check();
    }
    isRunning = false;
  };

  const perform = (effect: Effect): void => {
    switch (effect.type) {
      case "open": {
        if (servers.has(effect.key)) broken(`two servers of ${effect.key}`);
        const plan = state.slots.get(effect.key)?.plan ?? broken("a server without a slot");
        servers.set(effect.key, {
          ...{
            key: effect.key,
            run: effect.run,
            plan,
            phase: "opened",
            isAdmitted: false,
            inFlight: 0,
            work: new Set(),
          },
          ...{ servedSinceReady: 0, waitingAtReady: 0 },
        });
        return;
      }
      case "admit": {
        const server = serverOf(effect);
        checkClaim(server);
        server.phase = "loading";
        server.isAdmitted = true;
        begin(server);
        return;
      }
      case "turn-away": {
        const server = serverOf(effect);
        server.phase = "leaving";
        at(now, () => end(server));
        return;
      }
      case "unload": {
        const server = serverOf(effect);
        if (server.inFlight > 0) broken(`${server.key} was unloaded with ${server.inFlight} in flight`);
        if (server.phase !== "ready" && server.phase !== "dead")
          broken(`${server.key} was unloaded while ${server.phase}`);
        if (plans.get(server.key)?.isPinned === true && effect.reason.kind === "room")
          broken("a pinned server was unloaded for room");
        if (effect.reason.kind === "room" && effect.reason.for !== null) {
          noteSwap(server);
          claim = effect.reason.for;
        }
        server.phase = "leaving";
        at(now + scriptOf(server.key).unloadMs, () => end(server));
        return;
      }
      case "grant":
        noteTurn(effect.run, effect.waiter);
        return grant(effect.run, effect.waiter);
      case "refuse":
        return settle(effect.id, "refused", effect.refusal.kind);
    }
  };
  const serverOf = ({ key, run }: { key: string; run: number }): Server => {
    const server = servers.get(key);
    return server?.run === run ? server : broken(`an effect for a server of ${key} that is gone`);
  };
  const begin = (server: Server): void => {
    const load = loads.get(server.key) ?? 0;
    loads.set(server.key, load + 1);
    const { loadMs, failedLoads, unloadMs } = scriptOf(server.key);
    at(now + loadMs, () => {
      if (server.phase !== "loading") return;
      if (failedLoads.includes(load)) {
        leave(server, new Error("the load failed"), unloadMs);
        return;
      }
      server.phase = "ready";
      server.servedSinceReady = 0;
      server.waitingAtReady = state.waiters.filter(({ key }) => key === server.key).length;
      dispatch({ type: "ready", key: server.key, run: server.run });
    });
  };
  const leave = (server: Server, error: Error | null, afterMs: number): void => {
    server.phase = "leaving";
    const waiting = state.waiters.filter(({ key }) => key === server.key);
    dispatch({ type: "leaving", key: server.key, run: server.run, error });
    const isUntold = waiting.some(({ id }) => outcomes.get(id)?.end === "waiting");
    if (error !== null && isUntold) broken(`who waited for ${server.key} was not told why there is none`);
    for (const release of [...server.work]) release();
    at(now + afterMs, () => end(server));
  };
  const end = (server: Server): void => {
    if (servers.get(server.key) !== server) return;
    servers.delete(server.key);
    dispatch({ type: "gone", key: server.key, run: server.run });
  };
  const grant = (run: number, waiter: Waiter): void => {
    const server = serverOf({ key: waiter.key, run });
    if (server.phase === "dead") {
      // What was found dead is restarted by its supervisor; dead for good, it leaves.
      server.phase = "loading";
      inbox.push({ type: "lost", run, waiter, isLeaving: false });
      begin(server);
      return;
    }
    if (server.phase === "loading" || server.phase === "leaving") {
      inbox.push({ type: "lost", run, waiter, isLeaving: server.phase === "leaving" });
      return;
    }
    const outcome = outcomes.get(waiter.id) ?? broken("a place for nobody");
    const { workMs } = works.get(waiter.id) ?? broken("a place for nobody");
    settle(waiter.id, "served", null);
    server.inFlight += 1;
    server.servedSinceReady += 1;
    const release = (): void => {
      if (!server.work.delete(release)) return;
      server.inFlight -= 1;
      dispatch({ type: "release", key: server.key, run: server.run });
    };
    server.work.add(release);
    at(now + workMs, release);
    if (outcome.key !== server.key) broken("a place at the wrong server");
  };
  /** No client has two turns at a server while another waits for its first of them. */
  const noteTurn = (run: number, waiter: Waiter): void => {
    placed.add(waiter.id);
    const turn = turns.get(waiter.key);
    // In the same step another may have made way for it.
    if (turn !== undefined && state.contention?.victims.has(waiter.key) === true) {
      const isOver = turn.grants >= limits.turnRequests || now - turn.since >= limits.turnMs;
      if (isOver) broken(`${waiter.key} went on after its turn`);
      turn.grants += 1;
    }
    const { key, client } = waiter;
    const passed = passes.get(run) ?? new Map<string, Set<string>>();
    passed.delete(client);
    passes.set(run, passed);
    for (const other of new Set(state.waiters.filter((one) => one.key === key).map((one) => one.client))) {
      if (other === client) continue;
      const by = passed.get(other) ?? new Set();
      if (by.has(client)) broken(`${client} had two turns at ${key} while ${other} waited`);
      passed.set(other, by.add(client));
    }
  };
  const passes = new Map<number, Map<string, Set<string>>>();
  const placed = new Set<number>();
  const works = new Map<number, { readonly workMs: number }>();
  const settle = (id: number, how: Outcome["end"], refusal: string | null): void => {
    const outcome = outcomes.get(id);
    if (outcome === undefined) return;
    if (outcome.end !== "waiting") broken(`a request was ${how} after it was ${outcome.end}`);
    Object.assign(outcome, { end: how, refusal, endedAt: now });
  };
  /** What was unloaded for one is not given to another, though it may use what that one leaves. */
  const checkClaim = (server: Server): void => {
    const claimant = claim === null || claim === server.key ? undefined : servers.get(claim);
    const isWanted = claimant?.phase === "opened" && state.waiters.some(({ key }) => key === claimant.key);
    if (claim === server.key) claim = null;
    if (!isWanted) return;
    const staying = [...servers.values()].filter((one) => one.isAdmitted && one.phase !== "leaving");
    const taken = [server, ...staying].reduce((sum, { plan }) => sum + plan.bytes, 0);
    if (taken + claimant.plan.bytes > limits.limitBytes) broken(`${server.key} took the room of ${claimant.key}`);
  };
  let claim: string | null = null;
  /** Keeps the turns by what was seen from outside: who has to make way for whom, and since when. */
  const noteContention = (): void => {
    const { contention } = state;
    const before = new Map(turns);
    turns.clear();
    const isSame = contention !== null && contention.key === contender;
    contender = contention?.key ?? null;
    for (const key of contention?.victims.keys() ?? [])
      turns.set(key, (isSame ? before.get(key) : undefined) ?? { since: now, grants: 0 });
    if (!isSame || before.size === 0 || turns.size === 0) return;
    const isAble = (key: string) =>
      servers.get(key)?.phase === "ready" && state.slots.get(key)?.plan.isPinned === false;
    const isOther = [...before.keys()].some((key) => !turns.has(key));
    if (isOther && [...before.keys()].every(isAble)) broken("another one has to make way than before");
  };
  const turns = new Map<string, { readonly since: number; grants: number }>();
  let contender: string | null = null;
  /** A swap is earned: everyone who waited when it became ready was served, or its turn was used up. */
  const noteSwap = (server: Server): void => {
    const due = Math.min(server.waitingAtReady, limits.turnRequests);
    const turn = turns.get(server.key);
    const hadTime = turn !== undefined && now - turn.since >= limits.turnMs;
    const isQueueEmpty = !state.waiters.some(({ key }) => key === server.key);
    swaps.push({ key: server.key, served: server.servedSinceReady, due, hadTime });
    const hadRequests = turn !== undefined && turn.grants >= limits.turnRequests;
    if (!isQueueEmpty && !hadTime && !hadRequests) broken(`${server.key} made way before its turn was over`);
  };
  const check = (): void => {
    if (held() > limits.limitBytes) broken(`${held()} of ${limits.limitBytes} bytes are held`);
    const counted = [...servers.values()].filter(({ isAdmitted, plan }) => isAdmitted && plan.isCounted).length;
    if (limits.maxModels !== null && counted > limits.maxModels) broken(`${counted} models at once`);
    for (const server of servers.values()) {
      const slot = state.slots.get(server.key);
      if (slot === undefined || slot.run !== server.run) {
        broken(`the scheduler forgot ${server.key}`);
        return;
      }
      if (inbox.length === 0 && slot.inFlight !== server.inFlight)
        broken(`${slot.inFlight} counted, ${server.inFlight} in flight`);
      if (server.inFlight > slot.plan.concurrency) broken(`more than ${slot.plan.concurrency} at once`);
    }
    for (const key of state.slots.keys()) if (!servers.has(key)) broken(`a slot without a server: ${key}`);
    if (inbox.length === 0) {
      const waiting = [...outcomes.values()].filter(({ end }) => end === "waiting").map(({ id }) => id);
      const known = state.waiters.map(({ id }) => id);
      if (JSON.stringify(waiting) !== JSON.stringify(known))
        broken(`waiting are ${waiting.join()}, known are ${known.join()}`);
    }
    for (const waiter of state.waiters) if (!state.slots.has(waiter.key)) broken(`nobody will ever serve ${waiter.id}`);
    for (const { id, key, queuedAt } of state.waiters)
      if (state.slots.get(key)?.phase !== "loading" && now - queuedAt >= limits.queueDeadlineMs)
        broken(`${id} waits longer than its deadline`);
    noteContention();
  };

  const carryOut = (command: Command): void => {
    const key = keys[command.model % keys.length] as string;
    const plan = plans.get(key) as ServerPlan;
    const server = servers.get(key);
    switch (command.type) {
      case "request": {
        const id = (count += 1);
        const client = `c${command.client}`;
        const ahead = state.waiters.length;
        const ofModel = state.waiters.filter((waiter) => waiter.key === key).length;
        outcomes.set(id, { ...{ id, key, client, arrivedAt: now, ahead, end: "waiting", refusal: null, endedAt: 0 } });
        works.set(id, command);
        dispatch({
          type: "arrive",
          waiter: { id, key, plan, client, keepMs: command.keepMs, arrivedAt: now, queuedAt: now },
        });
        const isFull = ahead >= limits.queueLimit || ofModel >= limits.queueLimitPerModel;
        const { end: how, refusal } = outcomes.get(id) as Outcome;
        // Who was given a place that was none waits on, whatever the limits.
        if (how === "waiting" && isFull && !placed.has(id)) broken("a full queue took another request");
        if (refusal === "queue-full" && !isFull) broken("a queue with room refused a request");
        if (command.patienceMs !== null)
          at(now + command.patienceMs, () => {
            if (outcomes.get(id)?.end !== "waiting") return;
            settle(id, "left", null);
            dispatch({ type: "abandon", id });
          });
        return;
      }
      case "start":
        if (server?.phase === "leaving") return;
        return dispatch({ type: "start", id: (count += 1), key, plan, mayEvict: command.mayEvict });
      case "stop":
        if (server !== undefined && server.phase !== "leaving")
          leave(server, new Error("stopped"), scriptOf(key).unloadMs);
        return;
      case "crash":
        if (server?.phase !== "ready") return;
        for (const release of [...server.work]) release();
        if (command.forGood) leave(server, null, scriptOf(key).unloadMs);
        else server.phase = "dead";
        return;
      case "pin": {
        plans.set(key, { ...plan, isPinned: command.isPinned });
        const { concurrency, ttlMs } = plan;
        return dispatch({ type: "configure", key, plan: { concurrency, ttlMs, isPinned: command.isPinned } });
      }
    }
  };

  let time = 0;
  for (const { afterMs, command } of commands) {
    time += afterMs;
    at(time, () => carryOut(command));
  }
  for (let steps = 0; ; steps += 1) {
    if (steps > 100_000) broken("it never comes to rest");
    agenda.sort((one, other) => one.at - other.at || one.order - other.order);
    const wake = nextWake(state, now, limits);
    const next = agenda[0];
    if (wake !== null && (next === undefined || wake < next.at)) {
      // At rest but for idle servers that would go one day: nothing is owed to anybody.
      if (next === undefined && state.waiters.length === 0) break;
      now = wake;
      dispatch({ type: "tick" });
    } else if (next !== undefined) {
      agenda.shift();
      now = next.at;
      next.call();
    } else break;
  }
  const lost = [...outcomes.values()].filter(({ end: how }) => how === "waiting");
  if (lost.length > 0) broken(`nobody answered ${lost.map(({ id }) => id).join()}`);
  return { outcomes: [...outcomes.values()], loads, swaps, state, now };
}

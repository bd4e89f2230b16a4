import { createHash } from "node:crypto";
import type { ProfileCluster } from "../../../../contract/profile-kinds.ts";
import { wait } from "../../../../platform/clock.ts";
import { AppError, isAppError } from "../../../../platform/errors.ts";
import { undici } from "../../../../platform/undici.ts";
import { isThisMachine, rankName } from "../../../cluster/index.ts";
import type { ClusterUnitOptions } from "./cluster-options.ts";
import { createClusterRanks } from "./cluster-ranks.ts";
import { startClusterRun } from "./cluster-run.ts";
import type { ClusterRun } from "./cluster-run.ts";
import { controlProtocol } from "../process/control-messages.ts";
import type { ControlMessage, ControlMessageOf } from "../process/control-messages.ts";
import { abortable, deferred } from "../../deferred.ts";
import { engineBroken, engineTimedOut, withoutPaths } from "../../failures.ts";
import { tokenHeader } from "../process/process-unit.ts";
import { watchLosses } from "./rank-losses.ts";
import type { ClusterEnd } from "./rank-losses.ts";
import type { ServingUnit, UnitEndpoint } from "../serving-unit.ts";
import { createStartDeadline, startAllowanceMs } from "../start-deadline.ts";

/** So long a loss is waited for once the connection to rank 0 has broken. */
const lastWordsMs = 500;

/**
 * A `ServingUnit` of `mlx.launch` and its ranks, which lives with all of them or not at all. Every rank has a control
 * stream of its own; rank 0 serves, behind the token that it tells on its stream.
 */
export function createClusterUnit(options: ClusterUnitOptions): ServingUnit {
  const { cluster, settings, observer, clock } = options;
  const ready = deferred<UnitEndpoint>();
  const ended = deferred<AppError>();
  const dispatcher = new undici.Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const abandoned = new AbortController();
  const ranks = createClusterRanks(cluster.hosts.length, (rank) => isThisMachine(cluster.hosts[rank] ?? { host: "" }));
  let state: ServingUnit["state"] = "idle";
  let started: Promise<ClusterRun> | null = null;
  let run: ClusterRun | null = null;
  let stopping: Promise<void> | null = null;
  let port: number | null = null;
  let joined = 0;
  let stopDeadline: () => void = () => undefined;
  let noteProgress: ReturnType<typeof createStartDeadline>["note"] = () => undefined;

  const tail = (): string[] => run?.head.stderrTail() ?? [];
  const absent = (): number[] => [...cluster.hosts.keys()].filter((rank) => !ranks.isKnown(rank));
  const isOver = (): boolean => state === "ended";
  const end = (): void => {
    state = "ended";
    losses.stop();
    stopDeadline();
    abandoned.abort();
  };
  const fail = (error: AppError): void => {
    if (isOver()) return;
    const wasReady = state === "ready";
    end();
    run?.kill();
    if (wasReady) ended.resolve(error);
    else ready.reject(error);
  };
  const losses = watchLosses(clock, (found) => fail(clusterEnded(found, cluster, tail(), absent())));

  const proveByToken = async (message: ControlMessageOf<"ready">): Promise<void> => {
    const token = ranks.token();
    if (token === null || port === null) return fail(engineBroken("The cluster was ready before it listened.", tail()));
    stopDeadline();
    state = "warming";
    observer.warming();
    const endpoint: UnitEndpoint = {
      url: `http://127.0.0.1:${port}`,
      headers: { [tokenHeader]: token },
      dispatcher,
      contextLength: message.contextLength ?? options.contextLength,
      vocabularySize: message.vocabularySize ?? options.vocabularySize,
    };
    const result = await options.probe(endpoint, settings().probeDeadlineSeconds * 1000, abandoned.signal);
    // A connection breaks before the loss behind it is known, and the loss says more.
    if (!result.ok && !result.timedOut && !isOver()) await wait(clock, lastWordsMs);
    if (isOver() || losses.isBroken) return;
    if (!result.ok) {
      const text = `The cluster loaded the model, but ${result.reason}. See the server's log.`;
      return fail(result.timedOut ? engineTimedOut(text, tail()) : engineBroken(text, tail()));
    }
    state = "ready";
    ready.resolve(endpoint);
  };
  const advance = (progress: Parameters<typeof noteProgress>[0]): void => {
    noteProgress(progress);
    observer.progress(progress);
  };

  const handle = (rank: number, message: ControlMessage): void => {
    if (isOver()) return;
    if (!ranks.isKnown(rank) && message.type !== "hello" && message.type !== "fatal")
      return fail(engineBroken(`${rankName(rank, cluster)} did not introduce itself.`, tail()));
    switch (message.type) {
      case "hello":
        if (message.protocol !== controlProtocol)
          return fail(engineBroken(`The engine of ${rankName(rank, cluster)} speaks another protocol.`, tail()));
        ranks.introduce(rank, message);
        if (rank === 0) observer.authenticated(createHash("sha256").update(message.token).digest("hex"));
        return;
      case "listening":
        if (rank !== 0) return;
        port = message.port;
        return observer.listening(message.port);
      case "loading":
        return advance(ranks.load(rank, message));
      case "ready": {
        const first = ranks.ready(rank, message);
        if (first === null || state !== "starting") return;
        return void proveByToken(first).catch((error: unknown) => {
          if (!isOver()) fail(engineBroken("The cluster could not be asked for a token.", tail(), error));
        });
      }
      case "memory": {
        const { type: _, ...reading } = message;
        return observer.memory(ranks.remember(rank, reading));
      }
      case "fatal":
        return losses.fatal(rank, message);
      default:
        return message satisfies never;
    }
  };

  const start = async (): Promise<ClusterRun> => {
    state = "starting";
    const problems = await options.preflight(abandoned.signal);
    if (problems.length > 0) throw new AppError("engine_failed", problems.join(" "), { details: { problems } });
    const { startDeadlineSeconds } = settings();
    const deadline = createStartDeadline({
      clock,
      allowanceMs: startAllowanceMs(options.weightBytes, settings()),
      extensionMs: startDeadlineSeconds * 1000,
      onExpired: () =>
        fail(engineTimedOut("The cluster did not load the model in time. See the server's log.", tail())),
    });
    stopDeadline = deadline.stop;
    noteProgress = deadline.note;
    const begun = await startClusterRun(options, {
      joined() {
        joined += 1;
        advance({ phase: "joining", done: joined, total: cluster.hosts.length });
      },
      message: handle,
      closed: losses.closed,
      headFatal: (report) => losses.fatal(null, report),
      broken: (reason) => fail(engineBroken(`The cluster's control stream is broken: ${reason}.`, tail())),
    });
    run = begun;
    observer.spawned(begun.head.pid);
    if (isOver()) begun.kill();
    void begun.head.exited.then(losses.headEnded);
    return begun;
  };

  return {
    get state() {
      return state;
    },
    ended: ended.promise,
    ensureReady(signal) {
      if (started === null && !isOver()) {
        started = start();
        started.catch((error: unknown) => fail(isAppError(error) ? error : couldNotRun(error)));
      }
      return abortable(ready.promise, signal);
    },
    async stop(graceMs) {
      if (!isOver()) {
        end();
        ready.reject(new AppError("engine_failed", "The cluster was stopped before it was ready."));
      }
      const begun = await started?.catch(() => null);
      if (begun) {
        const cancel = clock.after(graceMs, begun.kill);
        if (graceMs <= 0) begun.kill();
        stopping ??= begun.shutDown();
        await stopping.finally(cancel);
      }
      await dispatcher.destroy();
    },
    isRunning: () => state === "ready" && !losses.isBroken && run?.head.isRunning() === true,
    memory: ranks.memory,
    stderrTail: () => tail().map(withoutPaths),
  };
}

function couldNotRun(cause: unknown): AppError {
  return new AppError("engine_failed", "mlx.launch could not be run. Install the engine again.", { cause });
}

/** What a person is told: which rank, where, and what it said last. @param absent ranks that never joined */
function clusterEnded(
  end: ClusterEnd,
  cluster: ProfileCluster,
  stderrTail: readonly string[],
  absent: readonly number[],
): AppError {
  if (end.kind === "head") {
    const { code, signal } = end.exit;
    const how = signal === null ? `with code ${String(code)}` : `by ${signal}`;
    const text = `The cluster's head ended ${how}. Its ranks were ended. See the server's log.`;
    const details = { exitCode: code, signal, stderrTail: stderrTail.map(withoutPaths) };
    return new AppError("engine_failed", text, { details });
  }
  const name = end.rank === null ? "mlx.launch" : rankName(end.rank, cluster);
  const host = end.rank === null ? null : (cluster.hosts[end.rank]?.host ?? null);
  const details = { rank: end.rank, host, stderrTail: stderrTail.map(withoutPaths) };
  if (end.kind === "lost") {
    // One that ends before it joins is known by nothing but the end that mlx.launch then makes of the others.
    const first = absent.map((rank) => ` It may be that ${rankName(rank, cluster)} ended first: it had not joined.`);
    const text = `The cluster lost ${name}: its process or its host is gone. The other ranks were ended.${first.join("")}`;
    return new AppError("engine_failed", text, { details: { ...details, reason: "rank_lost" } });
  }
  const { code, message } = end.report;
  const first = end.rank === null ? firstToEnd(stderrTail) : null;
  if (first !== null) {
    const text = `${rankName(first.rank, cluster)} ended ${first.how}, and the others were ended. See the server's log.`;
    const host = cluster.hosts[first.rank]?.host ?? null;
    return new AppError("engine_failed", capitalized(text), {
      details: { ...details, rank: first.rank, host, reason: "rank_lost" },
    });
  }
  const engineMessage = withoutPaths(message.slice(0, 500));
  const said = engineMessage.slice(0, 200).replace(/[.\s]*$/, "");
  const text = capitalized(`${name} failed (${code}): ${said}. The other ranks were ended.`);
  return new AppError("engine_failed", text, { details: { ...details, engineCode: code, engineMessage } });
}

/** What mlx.launch prints of a rank that never came to its control stream; the first is the cause. */
function firstToEnd(stderrTail: readonly string[]): { readonly rank: number; readonly how: string } | null {
  for (const line of stderrTail) {
    const [, rank, code] = /Node with rank (\d+) (?:exited with code (-?\d+)|was killed)/.exec(line) ?? [];
    if (rank !== undefined)
      return { rank: Number(rank), how: code === undefined ? "by a signal" : `with code ${code}` };
  }
  return null;
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

import { createHash } from "node:crypto";
import type { MemoryReading } from "../../../../contract/servers.ts";
import type { SettingValues } from "../../../../contract/settings.ts";
import { wait } from "../../../../platform/clock.ts";
import type { Clock } from "../../../../platform/clock.ts";
import { AppError } from "../../../../platform/errors.ts";
import type { Log } from "../../../../platform/log.ts";
import { undici } from "../../../../platform/undici.ts";
import { abortable, deferred } from "../../deferred.ts";
import { controlProtocol } from "./control-messages.ts";
import type { ControlMessage, ControlMessageOf } from "./control-messages.ts";
import type { Command } from "./engine-command.ts";
import { startEngineProcess } from "./engine-process.ts";
import type { EngineProcess } from "./engine-process.ts";
import { engineBroken, engineEnded, engineTimedOut, withoutPaths } from "../../failures.ts";
import type { Probe } from "../../supervision/probe.ts";
import type { OutputName } from "../../logs/server-log.ts";
import type { ServingUnit, UnitEndpoint, UnitObserver } from "../serving-unit.ts";
import { createStartDeadline, startAllowanceMs } from "../start-deadline.ts";

export interface ProcessUnitOptions {
  readonly command: Command;
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly weightBytes: number;
  /** Known from the files, where the engine does not say it. */
  readonly contextLength: number | null;
  readonly vocabularySize: number | null;
  readonly settings: () => SettingValues;
  readonly probe: Probe;
  readonly observer: UnitObserver;
  readonly write: (chunk: Uint8Array, output: OutputName) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** A process that outlives SIGKILL hangs in the kernel; after this we say so instead of waiting on. */
const unkillableMs = 30_000;
/** How long the end of a process may come after the end of its connections. */
const lastWordsMs = 500;
/** How long an engine that reported its end may take to end. */
const fatalPatienceMs = 2000;

export const tokenHeader = "x-mlx-manager-token";

/** A `ServingUnit` of one child. The token it learns by the control stream stays in this closure and its endpoint. */
export function createProcessUnit(options: ProcessUnitOptions): ServingUnit {
  const { settings, observer, clock, log } = options;
  const ready = deferred<UnitEndpoint>();
  const ended = deferred<AppError>();
  const dispatcher = new undici.Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const abandoned = new AbortController();
  const { startDeadlineSeconds } = settings();
  let state: ServingUnit["state"] = "idle";
  let child: Promise<EngineProcess> | null = null;
  let running: EngineProcess | null = null;
  let stopping: Promise<void> | null = null;
  let hello: ControlMessageOf<"hello"> | null = null;
  let port: number | null = null;
  let fatal: ControlMessageOf<"fatal"> | null = null;
  let reading: MemoryReading | null = null;
  let stopDeadline: () => void = () => undefined;
  let noteProgress: ReturnType<typeof createStartDeadline>["note"] = () => undefined;

  const tail = (): string[] => running?.stderrTail() ?? [];

  /** The first reason counts; what is left of the process is killed at once. */
  const fail = (error: AppError): void => {
    if (state === "ended") return;
    const wasReady = state === "ready";
    end();
    running?.kill();
    if (wasReady) ended.resolve(error);
    else ready.reject(error);
  };
  const end = (): void => {
    state = "ended";
    stopDeadline();
    abandoned.abort();
  };

  const proveByToken = async (message: ControlMessageOf<"ready">): Promise<void> => {
    if (hello === null || port === null) return fail(engineBroken("The engine was ready before it listened.", tail()));
    stopDeadline();
    state = "warming";
    observer.warming();
    const endpoint: UnitEndpoint = {
      url: `http://127.0.0.1:${port}`,
      headers: { [tokenHeader]: hello.token },
      dispatcher,
      contextLength: message.contextLength ?? options.contextLength,
      vocabularySize: message.vocabularySize ?? options.vocabularySize,
    };
    const result = await options.probe(endpoint, settings().probeDeadlineSeconds * 1000, abandoned.signal);
    // A connection breaks before its process is known to have ended, and the end says more.
    if (!result.ok && !result.timedOut) await Promise.race([running?.exited, wait(clock, lastWordsMs)]);
    if (isOver()) return;
    if (!result.ok) {
      const text = `The engine loaded the model, but ${result.reason}. See the server's log.`;
      return fail(result.timedOut ? engineTimedOut(text, tail()) : engineBroken(text, tail()));
    }
    state = "ready";
    ready.resolve(endpoint);
  };
  const isOver = (): boolean => state === "ended";

  const handle = (message: ControlMessage): void => {
    if (isOver()) return;
    if (hello === null && message.type !== "hello" && message.type !== "fatal")
      return fail(engineBroken("The engine did not introduce itself. Install it again.", tail()));
    switch (message.type) {
      case "hello":
        if (message.protocol !== controlProtocol)
          return fail(engineBroken("The engine speaks another protocol. Install it again.", tail()));
        hello = message;
        return observer.authenticated(createHash("sha256").update(message.token).digest("hex"));
      case "listening":
        port = message.port;
        return observer.listening(message.port);
      case "loading":
        noteProgress(message);
        return observer.progress(message);
      case "ready":
        if (state !== "starting") return;
        return void proveByToken(message).catch((error: unknown) => {
          if (!isOver()) fail(engineBroken("The engine could not be asked for a token.", tail(), error));
        });
      case "memory": {
        const { type: _, ...rest } = message;
        reading = rest;
        return observer.memory(rest);
      }
      case "fatal":
        fatal = message;
        clock.after(fatalPatienceMs, () => running?.kill());
        return;
      default:
        return message satisfies never;
    }
  };

  const start = async (): Promise<EngineProcess> => {
    state = "starting";
    const deadline = createStartDeadline({
      clock,
      allowanceMs: startAllowanceMs(options.weightBytes, settings()),
      extensionMs: startDeadlineSeconds * 1000,
      onExpired: () => fail(engineTimedOut("The engine did not load the model in time. See the server's log.", tail())),
    });
    stopDeadline = deadline.stop;
    noteProgress = deadline.note;
    const started = await startEngineProcess({
      ...options,
      control: {
        message: handle,
        skipped: (reason) => log.warn({ reason }, "control message of an engine skipped"),
        broken: (reason) => fail(engineBroken(`The engine's control stream is broken: ${reason}.`, tail())),
      },
    });
    running = started;
    observer.spawned(started.pid);
    if (isOver()) started.kill();
    void started.exited.then((exit) => fail(engineEnded(exit, fatal, started.stderrTail())));
    return started;
  };

  return {
    get state() {
      return state;
    },
    ended: ended.promise,
    ensureReady(signal) {
      if (child === null && !isOver()) {
        child = start();
        child.catch((error: unknown) =>
          fail(
            new AppError("engine_failed", "The engine's program could not be run. Install it again.", { cause: error }),
          ),
        );
      }
      return abortable(ready.promise, signal);
    },
    async stop(graceMs) {
      if (!isOver()) {
        end();
        ready.reject(new AppError("engine_failed", "The engine was stopped before it was ready."));
      }
      const process = await child?.catch(() => null);
      if (process) {
        const cancel = clock.after(graceMs, process.kill);
        if (graceMs <= 0) process.kill();
        stopping ??= shutDown(process);
        await stopping.finally(cancel);
      }
      await dispatcher.destroy();
    },
    isRunning: () => state === "ready" && running?.isRunning() === true,
    memory: () => reading,
    stderrTail: () => tail().map(withoutPaths),
  };
}

async function shutDown(process: EngineProcess): Promise<void> {
  process.askToStop();
  if (await process.gone(unkillableMs)) return;
  throw new AppError("engine_failed", `The engine's process ${process.pid} could not be ended. Restart the machine.`, {
    details: { pid: process.pid },
  });
}

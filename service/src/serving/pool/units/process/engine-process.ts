import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import type { Clock } from "../../../../platform/clock.ts";
import type { Log } from "../../../../platform/log.ts";
import { createTail } from "../../../../platform/process/tail.ts";
import { createControlReader, stopCommand } from "./control-stream.ts";
import type { ControlListener } from "./control-stream.ts";
import { serverMark } from "../child-environment.ts";
import type { Command } from "./engine-command.ts";
import { readOutput } from "./engine-output.ts";
import type { ProcessExit } from "../../failures.ts";
import { awaitEscapedEnd, signalEscaped } from "./escaped-processes.ts";
import { watchEnd } from "./end-watch.ts";
import { awaitGroupEnd, signalMembers } from "./process-group.ts";
import type { OutputName } from "../../logs/server-log.ts";

/** One engine process, leader of its own group, with its control stream on descriptor 3. */
export interface EngineProcess {
  readonly pid: number;
  /** When the leader has ended and what it printed has been read. The rest of its group has been killed by then. */
  readonly exited: Promise<ProcessExit>;
  /** Looked up now: a cut connection is seen before the system reports the end of the process behind it. */
  isRunning(): boolean;
  stderrTail(): string[];
  /** Asks it to stop, by the control stream and SIGTERM to the group and to what has left it. */
  askToStop(): void;
  kill(): void;
  /** Waits until everything of it has ended, in its group or out; false when it outlived SIGKILL for `limitMs`. */
  gone(limitMs: number): Promise<boolean>;
}

export interface EngineProcessOptions {
  readonly command: Command;
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly write: (chunk: Uint8Array, output: OutputName) => void;
  readonly control: ControlListener;
  readonly clock: Clock;
  readonly log: Log;
}

/** A grandchild that holds our pipes open must not hold up the news that the engine has ended. */
const pipePatienceMs = 500;
/** An engine that closed its control stream can no longer be told to stop: it ends by itself, or is ended. */
const mutePatienceMs = 2000;

/** Starts the process. Rejects when the program cannot be run. */
export async function startEngineProcess(options: EngineProcessOptions): Promise<EngineProcess> {
  const { command, environment, folder, clock, log } = options;
  const mark = environment[serverMark];
  const child = spawn(command.file, command.args, {
    cwd: folder,
    env: environment as NodeJS.ProcessEnv,
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid === undefined) throw await failedToStart(child);
  // Errors after the start (a signal that could not be sent) show as what they cause.
  child.on("error", (error) => log.warn({ error }, "engine process"));
  const tail = createTail();
  const [, stdout, stderr, control] = child.stdio as unknown as [null, Readable, Readable, Duplex];
  readOutput(stdout, clock, tail.push, (chunk) => options.write(chunk, "stdout"));
  readOutput(stderr, clock, tail.push, (chunk) => options.write(chunk, "stderr"));
  const reader = createControlReader(options.control);
  control.on("data", (chunk: Uint8Array) => reader.push(chunk));
  control.on("error", (error) => log.debug({ error }, "control stream of an engine"));

  // Once the whole group is known to be gone its id may come to mean somebody else's.
  let isGone = false;
  const signalAll = (signal: NodeJS.Signals): void => {
    if (isGone) return;
    signalMembers(pid, signal);
    if (mark !== undefined) signalEscaped(mark, signal);
  };
  const kill = (): void => signalAll("SIGKILL");
  const exited = awaitExit(child, [stdout, stderr, control], clock, kill);
  const end = watchEnd(pid);
  child.once("exit", end.close);
  control.once("close", () => {
    const cancel = clock.after(mutePatienceMs, kill);
    void exited.then(cancel);
  });

  return {
    pid,
    exited,
    isRunning: () => child.exitCode === null && child.signalCode === null && !end.isEnding(),
    stderrTail: () => tail.lines(),
    askToStop() {
      if (control.writable) control.write(stopCommand());
      signalAll("SIGTERM");
    },
    kill,
    gone: async (limitMs) => {
      await exited;
      const endsAt = clock.monotonic() + limitMs;
      if (!(await awaitGroupEnd(pid, clock, limitMs))) return false;
      isGone = mark === undefined || (await awaitEscapedEnd(mark, clock, endsAt - clock.monotonic()));
      return isGone;
    },
  };
}

function failedToStart(child: ChildProcess): Promise<Error> {
  return new Promise((resolve) => child.once("error", resolve));
}

function awaitExit(
  child: ChildProcess,
  pipes: readonly (Readable | Duplex)[],
  clock: Clock,
  killRest: () => void,
): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      killRest();
      const finish = (): void => {
        // Whoever still holds the other ends: ours are given back, each start would cost three descriptors else.
        for (const pipe of pipes) pipe.destroy();
        resolve({ code, signal });
      };
      for (const pipe of pipes) pipe.resume();
      const cancel = clock.after(pipePatienceMs, finish);
      child.once("close", () => {
        cancel();
        finish();
      });
    });
  });
}

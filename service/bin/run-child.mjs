import { spawn } from "node:child_process";
import { constants } from "node:os";
import { relaySignals } from "./signal-relay.mjs";

/**
 * Runs a program to its end, with the signals that this process gets (see signal-relay.mjs), and waits until it is gone.
 * With `capture` its output is kept and returned instead of shown.
 * @returns {Promise<{code: number | null, signal: string | null, interrupted: string | null, output: string}>}
 *   `interrupted` is the first signal that this process got meanwhile
 * @throws the spawn error when the program cannot be started
 */
export function runChild(program, parameters, { cwd, env, capture = false }) {
  return new Promise((settle, fail) => {
    const relay = relaySignals();
    const stdio = capture ? ["ignore", "pipe", "pipe"] : "inherit";
    const child = spawn(program, parameters, { cwd, env, stdio });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => chunks.push(chunk));
    relay.follow(child);
    child.once("error", (error) => {
      relay.close();
      fail(error);
    });
    child.once("close", (code, signal) => {
      relay.close();
      settle({ code, signal, interrupted: relay.interrupted(), output: Buffer.concat(chunks).toString("utf8") });
    });
  });
}

/**
 * Ends this process the way a child ended: with its exit code, or by the same signal, so that a shell, make or npm above
 * sees what it would see without us in between.
 */
export function endLike({ code, signal }) {
  if (signal === null) {
    process.exitCode = code ?? 1;
    return;
  }
  process.exitCode = 128 + (constants.signals[signal] ?? 0);
  process.kill(process.pid, signal);
  // Delivery is asynchronous; stay long enough that the exit code above is only the answer when the signal is ignored.
  setTimeout(() => {}, 1000);
}

import { spawn } from "node:child_process";

/**
 * Hands the signals of this process to its child, exactly once.
 *
 * Ctrl-C reaches every process of a terminal's foreground group, the child included; `kill <pid>` reaches this process
 * alone. A service that hears the same signal twice takes the second as "do not wait", so a relay that always forwards
 * turns every Ctrl-C into a hard stop, and one that never forwards leaves the child behind. No system call tells who else
 * got a signal, and being in the foreground proves nothing. So a witness runs beside the child in our group: `cat` on a
 * pipe that we hold. It dies of whatever the group gets. Witness dead of the same signal: the child has it already.
 * Witness alive after a moment: it was meant for us alone, and the child gets it from us.
 *
 * npm adds a case: it repeats a Ctrl-C to its script, which has it already. Such an echo arrives alone, shortly after one
 * for the group, and is dropped.
 */
const relayedSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
const witnessMilliseconds = 250;
const echoMilliseconds = 1000;

/** @returns {{follow: (child) => void, interrupted: () => string | null, close: () => void}} */
export function relaySignals() {
  let child = null;
  let interrupted = null;
  let witness = startWitness();
  const lastForGroup = new Map();

  const onSignal = async (signal) => {
    interrupted ??= signal;
    const asked = witness;
    if ((await asked.diedOf(witnessMilliseconds)) === signal) {
      lastForGroup.set(signal, Date.now());
      if (witness === asked) witness = startWitness();
      return;
    }
    const isEcho = Date.now() - (lastForGroup.get(signal) ?? -Infinity) < echoMilliseconds;
    if (!isEcho) child?.kill(signal);
  };

  const handlers = relayedSignals.map((signal) => ({ signal, handler: () => void onSignal(signal) }));
  for (const { signal, handler } of handlers) process.on(signal, handler);

  return {
    follow: (started) => (child = started),
    interrupted: () => interrupted,
    close: () => {
      child = null;
      witness.dismiss();
      for (const { signal, handler } of handlers) process.off(signal, handler);
    },
  };
}

function startWitness() {
  const program = spawn("cat", [], { stdio: ["pipe", "ignore", "ignore"] });
  const end = new Promise((settle) => {
    program.once("exit", (_code, signal) => settle(signal));
    // No `cat` here: a terminal's signals are then taken to be for the group, all others for us alone.
    program.once("error", () => settle(process.stdin.isTTY ? "SIGINT" : null));
  });
  return {
    diedOf: (milliseconds) => {
      let timer;
      const silence = new Promise((settle) => (timer = setTimeout(settle, milliseconds, null)));
      return Promise.race([end, silence]).finally(() => clearTimeout(timer));
    },
    dismiss: () => program.stdin.destroy(),
  };
}

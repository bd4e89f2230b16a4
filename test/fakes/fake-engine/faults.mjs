import { spawn } from "node:child_process";

/** What an engine does to its machine and its log beside answering. Each part of the engine asks at its own moment. */
export function createFaults(flags, record) {
  const eaten = [];
  return {
    /** A completion is about to be answered, after `before` others. */
    completion(before) {
      if (before === flags.tracebackAfter) complain();
      if (before === 1 && flags.eatBytes !== undefined) eat();
      if (before === 1 && flags.floodBytes !== undefined) flood(flags.floodBytes);
    },
    /** So many tokens of one stream have gone out. */
    async tokens(sent) {
      if (sent === flags.crashAfterTokens) process.kill(process.pid, "SIGKILL");
      if (sent === flags.exitAfterTokens) process.exit(flags.exitCode ?? 0);
      if (sent !== flags.silentAfterTokens) return;
      // The generation hangs: for this stream, and for all that come after it.
      flags.hangAfter = 0;
      await new Promise(() => undefined);
    },
    startChildren() {
      if (flags.grandchild) start("grandchild", { detached: false });
      if (flags.escapedGrandchild) start("escaped", { detached: true });
    },
  };

  function complain() {
    process.stderr.write(
      'Traceback (most recent call last):\n  File "/opt/engine/server.py", line 7, in generate\n    step()\n' +
        "RuntimeError: the fake engine complains\n",
    );
  }

  /** Touched, for only pages that were written to count. */
  function eat() {
    for (let left = flags.eatBytes; left > 0; left -= 16_777_216)
      eaten.push(Buffer.alloc(Math.min(left, 16_777_216), 1));
  }

  function flood(bytes) {
    const line = `${"noise ".repeat(20)}\n`;
    for (let left = bytes; left > 0; left -= line.length) process.stdout.write(line);
    process.stdout.write("the flood is over\n");
  }

  /** A child that keeps stdout and stderr open: in our group, or out of it, where no signal to the group reaches. */
  function start(type, { detached }) {
    const script = flags.ignoreSigterm ? "trap '' TERM; while :; do sleep 1; done" : "sleep 600";
    const child = spawn("sh", ["-c", script], { stdio: ["ignore", "inherit", "inherit"], detached });
    record({ type, pid: child.pid });
  }
}

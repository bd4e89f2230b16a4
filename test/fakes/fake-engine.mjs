// A stand-in for the launcher of `mlx-lm`: same control stream on descriptor 3, same HTTP answers, faults on switches
// (fake-engine/flags.mjs). Spawn it as the supervisor spawns the launcher: detached, a Unix socket pair on descriptor 3.
import { randomBytes } from "node:crypto";
import { openControl } from "./fake-engine/control.mjs";
import { createFaults } from "./fake-engine/faults.mjs";
import { readFlags } from "./fake-engine/flags.mjs";
import { createRecorder } from "./fake-engine/recorder.mjs";
import { startServer } from "./fake-engine/server.mjs";

const flags = readFlags(process.argv.slice(2));
const token = randomBytes(32).toString("base64url");
const record = createRecorder(flags.record);
const control = openControl({ onStop: () => (flags.ignoreStop ? undefined : leave(0)), address: flags.control });
process.on("SIGTERM", () => (flags.ignoreSigterm ? undefined : leave(0)));

control.send("hello", {
  protocol: 1,
  pid: process.pid,
  token,
  engine: "mlx-lm",
  engineVersion: "0.32.2",
  pythonVersion: "3.11.7",
});
record({ type: "start", pid: process.pid, model: flags.model });
const faults = createFaults(flags, record);
faults.startChildren();
if (flags.exitAtStart) leave(1);

control.send("loading", { phase: "importing", done: 1 });
if (flags.crashAtStart !== undefined) {
  process.stderr.write(`Traceback (most recent call last):\nRuntimeError: ${flags.crashAtStart}\n`);
  await control.fatal("model_load_failed", flags.crashAtStart);
  leave(1);
}

// The first rank of a cluster serves for all of them.
if (flags.control === undefined || process.env.MLX_RANK === "0") {
  const { port } = await startServer({ flags, token, record, faults });
  control.send("listening", { port });
}
await load();
control.send("ready", {
  model: flags.model,
  loadSeconds: flags.startDelayMs / 1000,
  vocabularySize: 1024,
  modelType: "llama",
  contextLength: flags.contextLength,
});
reportMemory();

async function load() {
  const steps = flags.loadingSteps;
  for (let done = 0; done <= steps; done += 1) {
    control.send("loading", { phase: "loading-weights", done, total: steps });
    await new Promise((resolve) => setTimeout(resolve, flags.startDelayMs / (steps + 1)));
  }
  control.send("loading", { phase: "warming" });
}

function reportMemory() {
  const send = () =>
    control.send("memory", {
      footprintBytes: flags.trueFootprint ? process.memoryUsage.rss() : flags.footprintBytes,
      method: "rss",
      engine: { activeBytes: 1000, cacheBytes: 500, peakBytes: 2000 },
      at: new Date().toISOString(),
    });
  send();
  if (!flags.silentMemory) setInterval(send, flags.memoryIntervalMs);
}

function leave(code) {
  process.exit(flags.exitCode ?? code);
}

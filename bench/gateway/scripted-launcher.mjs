// In place of the launcher in the engine's environment: tells the supervisor that the scripted engine, which runs already,
// is ready at its port. `scripted-launcher.mjs PORT`
import { openControl } from "../../test/fakes/fake-engine/control.mjs";

const port = Number(process.argv[2]);
const control = openControl({ onStop: () => process.exit(0) });
process.on("SIGTERM", () => process.exit(0));
const versions = { engine: "mlx-lm", engineVersion: "0.32.2", pythonVersion: "3.11.7" };
await control.send("hello", { protocol: 1, pid: process.pid, token: "the-scripted-engine-asks-for-none", ...versions });
await control.send("listening", { port });
await control.send("ready", {
  ...{ model: "scripted", loadSeconds: 0, vocabularySize: 1024, modelType: "llama", contextLength: 2048 },
});
const reportMemory = () =>
  control.send("memory", {
    ...{ footprintBytes: 1e8, method: "rss", at: new Date().toISOString() },
    engine: { activeBytes: 1000, cacheBytes: 500, peakBytes: 2000 },
  });
await reportMemory();
setInterval(reportMemory, 5000);

/**
 * The whole service with the fake engine in place of the launcher, as a program of its own, to be killed. What the next
 * engine does is written in `engine-flags.json` in the data directory, read when it is started; with `installs: true`
 * there, the engine counts as being installed until the wait for it ends.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compose } from "../../service/src/compose.ts";
import { readConfig } from "../../service/src/config.ts";
import { createLog } from "../../service/src/platform/log.ts";
import { keepHeapSmall } from "../../service/src/platform/small-heap.ts";
import { fakeClusterTools, fakeEngineCommand, fakeEngines } from "../tools/fake-engines.ts";

keepHeapSmall();
const config = readConfig(process.env);
const flagsPath = join(config.home, "engine-flags.json");
const readFlags = (): Record<string, unknown> & { installs?: boolean } =>
  existsSync(flagsPath) ? (JSON.parse(readFileSync(flagsPath, "utf8")) as Record<string, unknown>) : {};
const engines = fakeEngines();
const service = await compose(config, {
  ...{ log: createLog({ debug: false }), version: "0.0.0-test", installEngine: false, checkReplies: true },
  parts: {
    engines: {
      ...engines,
      ensureInstalled(id, signal, onProgress) {
        if (readFlags().installs !== true) return engines.ensureInstalled(id, signal, onProgress);
        onProgress?.({ phase: "installing", done: 1, total: 2 });
        return new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
        });
      },
    },
    clusterTools: fakeClusterTools,
    engineCommand(input) {
      const { installs: _installs, ...flags } = readFlags();
      const { file, args } = fakeEngineCommand(input);
      return { file, args: [...args, "--flags", JSON.stringify(flags)] };
    },
  },
});
process.stdout.write(`MLX Manager is ready at ${service.address}\n`);
process.once("SIGTERM", () => void service.close({ hurry: Promise.resolve() }).then(() => process.exit(0)));

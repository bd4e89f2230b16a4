// A service of its own process with the fake engine behind it, for benchmarks. Prints its address as one JSON line and
// runs until its standard input ends.
import { join } from "node:path";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { startTestService } from "../test/tools/compose-test.ts";
import { writeCachedModel } from "../test/tools/cached-model.ts";

const [hub = "http://127.0.0.1:9", flags = "{}"] = process.argv.slice(2);
const home = await mkdtemp(join(tmpdir(), "mlx-manager-bench-"));
await writeCachedModel(join(home, "hub"), "own/bench", JSON.parse(flags) as Record<string, unknown>);
const service = await startTestService({
  home,
  engine: "fake",
  environment: { HF_ENDPOINT: hub },
  compose: { checkReplies: false },
});
console.log(JSON.stringify({ address: service.address, pid: process.pid }));
process.stdin.resume();
process.stdin.on("end", () => {
  void service
    .close()
    .then(() => rm(home, { recursive: true, force: true }))
    .then(() => process.exit(0));
});

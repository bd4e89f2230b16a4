// Memory of the service as its own process: idle, and while it downloads a large file. Flags: --gb N (default 10), --quick
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { serviceApi } from "../test/tools/service-api.ts";
import { startServiceProcess } from "../test/tools/service-process.ts";
import { builtService } from "./downloads/built-service.ts";
import { startHubProcess } from "./downloads/hub-process.ts";
import { residentBytes, usageOfTree } from "./downloads/process-usage.ts";
import { median, verdict } from "./downloads/table.ts";

const { values: flags } = parseArgs({
  options: { gb: { type: "string" }, quick: { type: "boolean", default: false } },
});
const size = Number(flags.gb ?? (flags.quick ? 2 : 10)) * 1e9;
const idleSeconds = flags.quick ? 5 : 30;
const megabyte = 1e6;
const megabytes = (bytes: number): string => (bytes / megabyte).toFixed(0);

const hub = await startHubProcess();
const home = await mkdtemp(join(tmpdir(), "mlx-manager-bench-"));
try {
  await hub.add({ id: "own/large", files: { "model.safetensors": { size, seed: 1 } } });
  const environment = { HF_ENDPOINT: hub.url };
  const checkout = await startServiceProcess({ home, environment });
  await delay(idleSeconds * 1000);
  const unbuilt = residentBytes(checkout.pid);
  await checkout.kill("SIGTERM");
  const service = await startServiceProcess({ home, environment, main: builtService() });
  await delay(idleSeconds * 1000);
  const idle = residentBytes(service.pid);
  console.log(
    `Idle for ${idleSeconds} s after the start: ${megabytes(idle)} MB; run from the sources ${megabytes(unbuilt)} MB`,
  );

  const samples: number[] = [];
  const timer = setInterval(() => samples.push(residentBytes(service.pid)), 250);
  const api = serviceApi(service.address);
  const { id } = await api.send<{ id: string }>("POST", "/api/downloads", { model: "own/large" });
  const done = await api.until("downloads", ({ snapshot, event }) => {
    const seen = [...(snapshot?.downloads ?? []), ...(event?.type === "download.changed" ? [event.data] : [])];
    return seen.find((download) => download.id === id && ["completed", "failed", "paused"].includes(download.state));
  });
  clearInterval(timer);
  if (done.state !== "completed") throw new Error(`The download ended ${done.state}: ${JSON.stringify(done.error)}`);
  const peak = usageOfTree(service.pid).find(({ processId }) => processId === service.pid)!.peakBytes;
  const tenths = Array.from({ length: 10 }, (_, part) => {
    const piece = samples.slice((samples.length * part) / 10, (samples.length * (part + 1)) / 10);
    return megabytes(median(piece));
  });
  console.log(`While downloading ${size / 1e9} GB, by tenths of the time: ${tenths.join(" ")} MB`);
  verdict("idle", idle / megabyte, 120, " MB");
  verdict(`peak while downloading ${size / 1e9} GB`, peak / megabyte, 256, " MB");
  await delay(idleSeconds * 1000);
  console.log(`Idle again after ${idleSeconds} s: ${megabytes(residentBytes(service.pid))} MB`);
  await service.kill("SIGTERM");
} finally {
  await hub.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}

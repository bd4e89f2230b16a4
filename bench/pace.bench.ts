// 32 paced streams keep their pace while a 10 GB download runs at full speed: direct to the engine and through the gateway,
// in alternating rounds, idle and with the same download as load. A download that ends before the streams is no load, and
// such a run counts as failed. Flag: --quick
import { parseArgs } from "node:util";
import { startFakeEngine } from "../test/service/gateway/fake-engine.ts";
import { serviceApi } from "../test/tools/service-api.ts";
import { startChild } from "./child.ts";
import { measureGaps, quantile } from "./paced-streams.ts";
import type { StreamTarget } from "./paced-streams.ts";

const { values: flags } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const streams = 32;
const tokens = flags.quick ? 100 : 250;
const rounds = flags.quick ? 1 : 3;
const engine = { tokens, tokenDelayMs: 20 };
const size = String(flags.quick ? 4e9 : 10e9);

const hub = await startChild<{ url: string }>("../test/fakes/fake-hub/main.ts", [
  "--port",
  "0",
  "--file",
  `own/load=${size}`,
]);
const service = await startChild<{ address: string }>("./fake-service.ts", [hub.hello.url, JSON.stringify(engine)]);
const bare = await startFakeEngine(engine);
const api = serviceApi(service.hello.address);
const targets: Record<string, StreamTarget> = {
  direct: { url: bare.url, headers: { "x-mlx-manager-token": bare.token }, model: "default_model" },
  gateway: { url: service.hello.address, headers: {}, model: "own/bench" },
};
const gaps: Record<string, number[]> = {};

await measureGaps(targets["gateway"]!, 1);
for (let round = 0; round < rounds; round += 1) {
  for (const load of ["idle", "download"]) {
    for (const [name, target] of Object.entries(targets)) await oneRound(load, name, target);
  }
}
console.log(`${streams} streams at 50 tokens/s, ${rounds} rounds of ${tokens} tokens; gap between tokens in ms`);
console.log("                         p50      p95      p99      max");
for (const [name, values] of Object.entries(gaps)) {
  const shown = [0.5, 0.95, 0.99, 1].map((share) => quantile(values, share).toFixed(1).padStart(8)).join(" ");
  console.log(`${name.padEnd(20)} ${shown}`);
}
for (const load of ["idle", "download"]) {
  const added = quantile(gaps[`${load} gateway`]!, 0.99) - quantile(gaps[`${load} direct`]!, 0.99);
  console.log(`${load}: gateway p99 - direct p99 = ${added.toFixed(1)} ms (budget ${load === "idle" ? 5 : 10} ms)`);
}
await bare.close();
await service.end();
await hub.end();

async function oneRound(load: string, name: string, target: StreamTarget): Promise<void> {
  const download =
    load === "download" ? await api.send<{ id: string }>("POST", "/api/downloads", { model: "own/load" }) : null;
  if (download) await api.until("downloads", ({ event }) => event?.type === "download.progress" || null);
  (gaps[`${load} ${name}`] ??= []).push(...(await measureGaps(target, streams)));
  if (!download) return;
  const after = await api.get<{ state: string; bytesDone: number; bytesTotal: number | null }>(
    `/api/downloads/${download.id}`,
  );
  const share = (100 * after.bytesDone) / (after.bytesTotal ?? 1);
  console.log(`${name}: the download was ${after.state} at ${share.toFixed(0)} % when the streams ended`);
  if (after.state !== "downloading") {
    console.log("  No load until the end: this run proves nothing.");
    process.exitCode = 1;
  }
  const path = after.state === "completed" ? "/api/models/own/load" : `/api/downloads/${download.id}`;
  await api.send("DELETE", path);
}

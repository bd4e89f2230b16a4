import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Download } from "../../../../service/src/contract/downloads.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub, RecordedRequest } from "../../../fakes/fake-hub/index.ts";
import { seededRandom, trials } from "../../../tools/counts.ts";
import { serviceApi } from "../../../tools/service-api.ts";
import { startServiceProcess } from "../../../tools/service-process.ts";
import type { ServiceProcess } from "../../../tools/service-process.ts";
import { contentOf, mebibyte, repositoryFolder } from "./download-bench.ts";
import { faultsOf, startOf } from "./referee-rig.ts";

/** Referee case 1: kill -9 of the whole service at random moments of a download of three shards that come in ranges. */
const model = "mlx-community/sharded";
const shardSize = 80 * mebibyte;
const shards = [1, 2, 3].map((seed) => ({ path: `model-0000${seed}-of-00003.safetensors`, seed }));
const journalWindow = 64 * mebibyte;
let hub: FakeHub;
let home: string;
let service: ServiceProcess;

beforeEach(async () => {
  const weights = Object.fromEntries(shards.map(({ path, seed }) => [path, { size: shardSize, seed }]));
  hub = await startFakeHub({ repos: [{ id: model, files: { "config.json": "{}", "notes.txt": "n", ...weights } }] });
  home = await mkdtemp(join(tmpdir(), "mlx-manager-referee-"));
  service = await start();
}, 120_000);
afterEach(async () => {
  await service.kill("SIGKILL");
  await hub.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

const start = () => startServiceProcess({ home, environment: { HF_ENDPOINT: hub.url } });
const api = () => serviceApi(service.address);
const until = (id: string, ...states: string[]): Promise<Download> =>
  api().until("downloads", ({ snapshot, event }) => {
    const seen = [...(snapshot?.downloads ?? []), ...(event?.type === "download.changed" ? [event.data] : [])];
    return seen.find((download) => download.id === id && [...states, "failed"].includes(download.state));
  });
const bytesSent = (requests: readonly RecordedRequest[]): number =>
  requests.reduce((sum, request) => sum + request.bytesSent, 0);

/** Bytes of the shards that `later` sent although `earlier` had sent them. */
function fetchedAgain(earlier: readonly RecordedRequest[], later: readonly RecordedRequest[]): number {
  const sentOf = (requests: readonly RecordedRequest[], path: string) =>
    requests
      .filter(({ server, file, bytesSent: sent }) => server === "cdn" && file === path && sent > 0)
      .map((request): [number, number] => [startOf(request), startOf(request) + request.bytesSent]);
  return shards.reduce((sum, { path }) => {
    const before = merged(sentOf(earlier, path));
    const overlaps = sentOf(later, path).flatMap(([from, to]) =>
      before.map(([start, end]) => Math.max(0, Math.min(to, end) - Math.max(from, start))),
    );
    return sum + overlaps.reduce((all, bytes) => all + bytes, 0);
  }, 0);
}

function merged(ranges: readonly (readonly [number, number])[]): [number, number][] {
  const result: [number, number][] = [];
  for (const [from, to] of [...ranges].sort(([one], [other]) => one - other)) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** Kills at a random number of bytes sent, and now and then in one of the last steps, which take no bytes. */
async function killSomewhere(id: string, random: () => number): Promise<string> {
  const lot = random();
  const moment = lot < 0.8 ? null : lot < 0.9 ? "verifying" : "committing";
  const mark = Math.floor(random() * 3 * shardSize);
  const reached = moment
    ? until(id, moment, "completed").then(({ state }) => state)
    : Promise.race([
        hub.waitForRequest(() => bytesSent(hub.requests) >= mark).then(() => `${(mark / mebibyte).toFixed(0)} MiB`),
        until(id, "completed").then(({ state }) => state),
      ]);
  // The stream it listens to breaks off with the service; the moment is what counts.
  const where = await reached;
  await service.kill("SIGKILL");
  return where;
}

describe("referee case 1: killed without a warning", () => {
  test(
    "it goes on by itself, at most 64 MiB are fetched again, every byte is right and nothing is left over",
    async () => {
      const random = seededRandom(20_261_121);
      for (let trial = 0; trial < trials(2, 50); trial += 1) {
        hub.reset();
        const { id } = await api().send<Download>("POST", "/api/downloads", { model });
        const where = await killSomewhere(id, random);
        const earlier = hub.requests.splice(0);
        service = await start();
        const done = await until(id, "completed");
        const again = fetchedAgain(earlier, hub.requests);
        expect({ trial, where, state: done.state, error: done.error }).toMatchObject({
          state: "completed",
          error: null,
        });
        expect({ trial, where, ok: again <= journalWindow, again }).toMatchObject({ ok: true });
        expect({ trial, where, faults: await faultsOf(join(home, "hub"), model, done) }).toMatchObject({ faults: [] });
        for (const { path } of shards)
          expect(await contentOf(join(home, "hub"), model, done.commit as string, path)).toHaveLength(shardSize);
        await api().send("DELETE", `/api/models/${model}`);
      }
    },
    trials(600_000, 1_800_000),
  );

  test(
    "killed again and again, it still arrives, and pays for each kill at most once",
    async () => {
      const random = seededRandom(7);
      const kills = trials(1, 10);
      const { id } = await api().send<Download>("POST", "/api/downloads", { model });
      for (let kill = 0; kill < kills; kill += 1) {
        const mark = bytesSent(hub.requests) + Math.floor((0.2 + random() * 0.6) * shardSize);
        await Promise.race([hub.waitForRequest(() => bytesSent(hub.requests) >= mark), until(id, "completed")]);
        await service.kill("SIGKILL");
        service = await start();
      }
      const done = await until(id, "completed");
      expect(await faultsOf(join(home, "hub"), model, done)).toEqual([]);
      expect(bytesSent(hub.requests)).toBeLessThanOrEqual(3 * shardSize + kills * journalWindow + mebibyte);
    },
    trials(180_000, 300_000),
  );

  test(
    "killed while it is put into place, blob by blob: it completes without asking for a byte of the weights again",
    async () => {
      const many = "mlx-community/many";
      const names = Array.from({ length: 300 }, (_, index) => `part-${index}.txt`);
      const files = Object.fromEntries(names.map((name) => [name, `content of ${name}`]));
      await hub.addRepo({ id: many, files: { ...files, "model.safetensors": { size: 8 * mebibyte, seed: 5 } } });
      const root = repositoryFolder(join(home, "hub"), many);
      const random = seededRandom(3);
      for (let trial = 0; trial < trials(2, 20); trial += 1) {
        hub.reset();
        // The first lets all blobs in and stops before the name, the others stop somewhere among them.
        const share = trial === 0 ? 1 : random();
        const { id } = await api().send<Download>("POST", "/api/downloads", { model: many });
        const completed = until(id, "completed").then(() => true);
        completed.catch(() => undefined); // its stream ends with the service
        while ((await countOf(join(root, "blobs"))) < share * (names.length + 1)) {
          if (await Promise.race([completed, new Promise<false>((resolve) => setImmediate(() => resolve(false)))]))
            break;
        }
        await service.kill("SIGKILL");
        const earlier = bytesSent(hub.requests);
        service = await start();
        const done = await until(id, "completed");
        expect({ trial, share, state: done.state, error: done.error }).toMatchObject({
          state: "completed",
          error: null,
        });
        expect(await faultsOf(join(home, "hub"), many, done)).toEqual([]);
        expect({ trial, share, again: bytesSent(hub.requests) - earlier }).toMatchObject({ again: 0 });
        await api().send("DELETE", `/api/models/${many}`);
      }
    },
    trials(90_000, 600_000),
  );
});

async function countOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  });
  return names.length;
}

import { afterEach, describe, expect, test } from "@jest/globals";
import type { Download } from "../../../../service/src/contract/downloads.ts";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { listing, mebibyte, openBench } from "./download-bench.ts";
import type { BenchOptions, DownloadBench } from "./download-bench.ts";

const model = "mlx-community/tiny-4bit";
let bench: DownloadBench;
afterEach(() => bench.close());

async function fails(options: BenchOptions, revision = "main"): Promise<NonNullable<Download["error"]>> {
  bench = await openBench(options);
  const failed = await bench.fetch(model, revision);
  expect(failed.state).toBe("failed");
  expect(await listing(bench.cache)).toEqual([]);
  if (!failed.error) throw new Error("It failed without an error.");
  return failed.error;
}

describe("why a download failed, with what the next step needs", () => {
  const gated = { ...tinyRepo(model), gated: "manual" as const };

  test("a gated model names the page of its license, with and without a token", async () => {
    const error = await fails({ hub: { repos: [gated] } });
    expect(error).toMatchObject({ code: "gated_no_token", details: { url: `${bench.hub.url}/${model}` } });
    expect(error.message).toContain(`${bench.hub.url}/${model}`);
    await bench.close();
    const refused = await fails({ hub: { repos: [gated], tokens: { hf_me: { name: "me" } } }, token: "hf_me" });
    expect(refused).toMatchObject({ code: "gated_not_accepted", details: { url: `${bench.hub.url}/${model}` } });
  });

  test("a revision or repository that is not there says so", async () => {
    expect(await fails({ hub: { repos: [tinyRepo(model)] } }, "v9")).toMatchObject({ code: "revision_not_found" });
    await bench.close();
    expect(await fails({ hub: { repos: [] } })).toMatchObject({ code: "repo_not_found_or_private" });
  });

  test("a rate limit that does not end tells until when, as a time of day", async () => {
    bench = await openBench({ hub: { repos: [tinyRepo(model)] } });
    bench.hub.faults.add({ kind: "rate-limit", seconds: 3000, path: "/api/models/" });
    const before = Date.now();
    const { error } = await bench.fetch(model);
    expect(error).toMatchObject({ code: "rate_limited", details: { retryAfterSeconds: expect.any(Number) } });
    const until = Date.parse(error?.details?.["until"] as string);
    expect(until - before).toBeGreaterThan(2_900_000);
    expect(until - before).toBeLessThan(3_600_000);
  });
});

describe("offline", () => {
  test("no download begins and no connection is opened: not for a wish, a resume, a retry, a repair or a restart", async () => {
    bench = await openBench({ hub: { repos: [tinyRepo(model)] }, offline: true });
    const offline = expect.objectContaining({ code: "offline", message: expect.stringContaining("Unset") });
    expect(() => bench.downloads.create({ model, revision: "main" })).toThrow(offline);
    for (const [id, state] of [
      ["dl_queued", "queued"],
      ["dl_paused", "paused"],
      ["dl_failed", "failed"],
    ] as const)
      bench.database
        .prepare(
          `INSERT INTO downloads (id, model_id, revision, state, created_at, updated_at)
           VALUES (?, ?, ?, ?, '2026-11-21T00:00:00.000Z', '2026-11-21T00:00:00.000Z')`,
        )
        .run(id, model, id, state);
    await bench.restart();
    await expect(bench.downloads.resume("dl_paused")).rejects.toEqual(offline);
    await expect(bench.downloads.retry("dl_failed")).rejects.toEqual(offline);
    await bench.downloads.update("dl_queued", { priority: "high" });
    expect(bench.downloads.get("dl_queued")).toMatchObject({ state: "queued", priority: "high" });
    expect(await bench.downloads.cancel("dl_queued")).toMatchObject({ state: "cancelled" });
    expect(bench.hub.requests).toEqual([]);
  });
});

describe("limits from the settings", () => {
  test("hold from the start, and a change of them counts at once", async () => {
    const files = { "config.json": "{}", "model.safetensors": { size: 40 * mebibyte, seed: 4 } };
    const limits = { downloadBytesPerSecond: 16_384, downloadConnections: 1 };
    bench = await openBench({ hub: { repos: [{ id: model, files }] }, settings: limits });
    const { download } = bench.downloads.create({ model, revision: "main" });
    const slow = await bench.seen(download.id, ({ bytesDone, connections }) => bytesDone > 0 && connections > 0);
    expect(slow.connections).toBe(1);
    // At this speed it would take most of an hour.
    expect(slow.bytesDone).toBeLessThan(20 * mebibyte);
    bench.set({ downloadBytesPerSecond: null });
    expect(await bench.reaches(download.id, "completed")).toMatchObject({
      connections: 0,
      bytesDone: 40 * mebibyte + 2,
    });
  });
});

describe("a repository of thousands of files", () => {
  test("is planned, fetched, recorded and completed", async () => {
    const count = 1500;
    const many = Array.from({ length: count }, (_, index) => [`part-${index}.txt`, `part ${index}`]);
    bench = await openBench({ hub: { repos: [{ id: model, files: Object.fromEntries(many) }] } });
    const done = await bench.fetch(model);
    expect(done).toMatchObject({ state: "completed", filesDone: count, filesTotal: count });
    const states = "SELECT state, count(*) AS count FROM download_files GROUP BY state";
    expect(bench.database.prepare(states).all()).toEqual([{ state: "verified", count }]);
  }, 120_000);
});

import { afterEach, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import type { Fault } from "../../../fakes/fake-hub/index.ts";
import { contentOf, isThere, listing, mebibyte, openBench, partsFolder, repositoryFolder } from "./download-bench.ts";
import type { DownloadBench } from "./download-bench.ts";

const model = "mlx-community/weights";
const file = "model.safetensors";
const size = 3 * mebibyte;
const repo = { id: model, files: { "config.json": "{}", [file]: { size, seed: 3 } } };
let bench: DownloadBench;
afterEach(() => bench.close());

const storage = { file, server: "cdn" } as const;
const blobs = () => readdir(join(repositoryFolder(bench.cache, model), "blobs")).catch(() => []);

/** What is in `blobs/` bears the names of its contents. */
async function expectHonestBlobs(commit: string): Promise<void> {
  const content = await contentOf(bench.cache, model, commit, file);
  expect(content).toHaveLength(size);
  expect(await blobs()).toContain(createHash("sha256").update(content).digest("hex"));
}

/** `bytesDone` over all events never falls. */
function expectNoWayBack(): void {
  const counts = bench.events.flatMap((event) =>
    event.type === "download.changed" || event.type === "download.progress" ? [event.data.bytesDone] : [],
  );
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
}

describe("a download through trouble finishes with the right bytes", () => {
  const passing: [string, Fault[]][] = [
    ["a reset in the middle", [{ kind: "drop", afterBytes: mebibyte, how: "rst", times: 1, ...storage }]],
    ["an orderly end in the middle", [{ kind: "drop", afterBytes: mebibyte, how: "fin", times: 1, ...storage }]],
    ["cuts after every 300 KiB", [{ kind: "cut-every", bytes: 300 * 1024, how: "rst", ...storage }]],
    ["a connection refused", [{ kind: "refuse", how: "rst", times: 2, ...storage }]],
    ["a stall", [{ kind: "stall", afterBytes: mebibyte, times: 1, ...storage }]],
    ["a stall before the answer", [{ kind: "latency", milliseconds: 2000, times: 1, ...storage }]],
    ["a chunked body that ends early", [{ kind: "short-body", times: 1, ...storage }]],
    ["a body that is too long", [{ kind: "long-body", extraBytes: 5000, times: 1, ...storage }]],
    ["one flipped byte, once", [{ kind: "flip-byte", at: 2 * mebibyte, times: 1, ...storage }]],
    ["a web page in between", [{ kind: "html-page", times: 1, ...storage }]],
    ["errors of the server", [{ kind: "status", status: 503, times: 2, ...storage }]],
    [
      "signed addresses that expire",
      [
        { kind: "expire-url", uses: 1 },
        { kind: "drop", afterBytes: mebibyte, times: 2, ...storage },
      ],
    ],
    [
      "a range that is ignored on resume",
      [
        { kind: "drop", afterBytes: mebibyte, times: 1, ...storage },
        { kind: "ignore-range", times: 1, ...storage },
      ],
    ],
    [
      "a 416 on resume",
      [
        { kind: "drop", afterBytes: mebibyte, times: 1, ...storage },
        { kind: "range-not-satisfiable", times: 1, ...storage },
      ],
    ],
    [
      "a 416 on every resume",
      [
        { kind: "drop", afterBytes: mebibyte, times: 1, ...storage },
        { kind: "range-not-satisfiable", ...storage },
      ],
    ],
    [
      "another range than asked for",
      [
        { kind: "drop", afterBytes: mebibyte, times: 1, ...storage },
        { kind: "wrong-content-range", times: 1, ...storage },
      ],
    ],
    [
      "another content on the second half",
      [
        { kind: "drop", afterBytes: mebibyte, times: 1, ...storage },
        { kind: "change-etag", skip: 1, times: 1, ...storage },
      ],
    ],
  ];
  test.each(passing)("%s", async (_, faults) => {
    bench = await openBench({ hub: { repos: [repo] }, stallMs: 300 });
    for (const fault of faults) bench.hub.faults.add(fault);
    const download = await bench.fetch(model);
    expect(download).toMatchObject({ state: "completed", error: null });
    await expectHonestBlobs(download.commit as string);
    expectNoWayBack();
    expect(await isThere(partsFolder(bench.cache, model))).toBe(false);
  });

  test("a reset costs only what was on its way, not the whole file", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    bench.hub.faults.add({ kind: "drop", afterBytes: 2 * mebibyte, how: "fin", times: 1, ...storage });
    await bench.fetch(model);
    const ranges = bench.hub.requests.filter(({ server }) => server === "cdn").map(({ headers }) => headers.range);
    expect(ranges[0]).toBeUndefined();
    expect(Number(/^bytes=(\d+)-/.exec(ranges[1] ?? "")?.[1])).toBe(2 * mebibyte);
    // Resolved once: the second request went straight to the signed address.
    expect(bench.hub.requests.filter(({ path }) => path.includes(`/resolve/`) && path.includes(file))).toHaveLength(1);
  });

  test("a rate limit is waited for, without a storm of requests", async () => {
    bench = await openBench({ hub: { repos: [tinyRepo(model)] } });
    bench.hub.faults.add({ kind: "rate-limit", seconds: 1, times: 3, path: "/resolve/", server: "hub" });
    expect(await bench.fetch(model)).toMatchObject({ state: "completed" });
    const asked = bench.hub.requests.filter(({ path }) => path.includes("/resolve/"));
    const refused = asked.filter(({ status }) => status === 429);
    const again = asked.filter(({ status, at }) => status !== 429 && at > (refused[0]?.at ?? 0) + 500);
    expect(Math.min(...again.map(({ at }) => at)) - (refused[0]?.at ?? 0)).toBeGreaterThanOrEqual(1000);
  });
});

describe("a download that cannot finish says why and commits nothing", () => {
  const failing: [string, Fault, string][] = [
    ["a byte that is always flipped", { kind: "flip-byte", at: 5, ...storage }, "checksum_mismatch"],
    ["a web page for every file", { kind: "html-page", ...storage }, "endpoint_not_a_hub"],
    ["a server that is down", { kind: "status", status: 500, ...storage }, "hub_unreachable"],
    [
      "a file that vanished",
      { kind: "status", status: 404, path: "/resolve/", file: "config.json" },
      "repo_not_found_or_private",
    ],
    [
      "a Hub that refuses the token",
      { kind: "status", status: 401, message: "x", path: "/resolve/" },
      "repo_not_found_or_private",
    ],
    ["resets without a byte", { kind: "refuse", how: "rst", ...storage }, "hub_unreachable"],
  ];
  test.each(failing)("%s", async (_, fault, code) => {
    bench = await openBench({ hub: { repos: [repo] }, stallMs: 500 });
    bench.hub.faults.add(fault);
    const download = await bench.fetch(model);
    expect(download).toMatchObject({ state: "failed", error: { code } });
    expect(download.error?.message).not.toContain(bench.cache);
    expect(await blobs()).toEqual([]);
    expect(await isThere(join(repositoryFolder(bench.cache, model), "refs"))).toBe(false);
    expectNoWayBack();
  });

  test("a gated model: without a token, and with one that has no access", async () => {
    const token = "hf_reader";
    const gated = { ...tinyRepo(model), gated: "manual" as const };
    bench = await openBench({ hub: { repos: [gated] } });
    expect(await bench.fetch(model)).toMatchObject({ state: "failed", error: { code: "gated_no_token" } });
    expect(await listing(bench.cache)).toEqual([]);
    await bench.close();
    bench = await openBench({ hub: { repos: [gated], tokens: { [token]: { name: "reader" } } }, token });
    const refused = await bench.fetch(model);
    expect(refused).toMatchObject({ state: "failed", error: { code: "gated_not_accepted" } });
    expect(refused.error?.message).toContain(`${bench.hub.url}/${model}`);
    expect(bench.logText() + JSON.stringify(bench.events)).not.toContain(token);
    bench.hub.tokens.set(token, { name: "reader", accepted: [model] });
    await bench.downloads.retry(refused.id);
    expect(await bench.reaches(refused.id, "completed")).toMatchObject({ error: null });
  });

  test("a repository or revision that does not exist", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    expect(await bench.fetch("mlx-community/none")).toMatchObject({ error: { code: "repo_not_found_or_private" } });
    expect(await bench.fetch(model, "v9")).toMatchObject({ error: { code: "revision_not_found" } });
    expect(await listing(bench.cache)).toEqual([]);
  });

  test("a retry keeps the files that were verified", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    bench.hub.faults.add({ kind: "flip-byte", at: 5, ...storage });
    const failed = await bench.fetch(model);
    bench.hub.reset();
    const { download, created } = bench.downloads.create({ model, revision: "main" });
    expect({ created, id: download.id }).toEqual({ created: false, id: failed.id });
    await bench.reaches(failed.id, "completed");
    expect(bench.hub.requests.filter(({ path }) => path.includes("/resolve/")).map((request) => request.file)).toEqual([
      file,
    ]);
  });
});

import { afterEach, describe, expect, test } from "@jest/globals";
import type { Download, DownloadPriority } from "../../../../service/src/contract/downloads.ts";
import { inOrder, nextTurns } from "../../../../service/src/library/downloads/queue.ts";
import type { AtWork, Waiting } from "../../../../service/src/library/downloads/queue.ts";
import { createReservations, whoFits } from "../../../../service/src/library/downloads/reservations.ts";
import { fakeDownload } from "../../../fakes/fake-service-state.ts";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { isThere, mebibyte, openBench, partsFolder } from "./download-bench.ts";
import type { DownloadBench } from "./download-bench.ts";

const one = (id: string, priority: DownloadPriority = "normal", model = id): Waiting => ({ id, model, priority });
const atWork = (id: string, priority: DownloadPriority = "normal", more: Partial<AtWork> = {}): AtWork => ({
  ...{ ...one(id, priority), isLeaving: false, mayYield: true },
  ...more,
});

describe("whose turn it is", () => {
  test.each<[string, Waiting[], AtWork[], number, string[], string[]]>([
    ["the oldest, up to the limit", [one("a"), one("b"), one("c")], [], 2, ["a", "b"], []],
    ["the highest before the oldest", [one("a", "low"), one("b"), one("c", "high")], [], 2, ["c", "b"], []],
    ["one of each model", [one("a"), one("b", "normal", "a"), one("c")], [], 3, ["a", "c"], []],
    ["nobody while all places are taken by equals", [one("c")], [atWork("a"), atWork("b")], 2, [], []],
    [
      "a higher one, once the newest of the lowest has left",
      [one("c", "high")],
      [atWork("a", "low"), atWork("b", "low")],
      2,
      [],
      ["b"],
    ],
    ["the lowest leaves, not the newest", [one("c", "high")], [atWork("a", "low"), atWork("b")], 2, [], ["a"]],
    [
      "two high ones displace two",
      [one("c", "high"), one("d", "high")],
      [atWork("a", "low"), atWork("b")],
      2,
      [],
      ["a", "b"],
    ],
    [
      "a place that is about to be free is waited for",
      [one("c", "high")],
      [atWork("a", "low", { isLeaving: true }), atWork("b", "low")],
      2,
      [],
      [],
    ],
    ["what is put into place is left alone", [one("c", "high")], [atWork("a", "low", { mayYield: false })], 1, [], []],
    [
      "of one model the lower revision leaves even when places are free",
      [one("c", "high", "a")],
      [atWork("a", "low")],
      4,
      [],
      ["a"],
    ],
    [
      "a lowered limit sends the surplus back, lowest and newest first",
      [],
      [atWork("a"), atWork("b", "low"), atWork("c")],
      1,
      [],
      ["b", "c"],
    ],
    ["a raised limit lets more in", [one("c"), one("d")], [atWork("a")], 3, ["c", "d"], []],
    [
      "a promised place is not given to a lower one",
      [one("b", "low"), one("c", "high")],
      [atWork("a", "low", { isLeaving: true })],
      1,
      [],
      [],
    ],
  ])("%s", (_, waiting, running, limit, start, leaving) => {
    const turns = nextTurns(waiting, running, limit);
    expect(turns.start).toEqual(start);
    expect([...turns.yield].sort()).toEqual(leaving);
  });

  test("looks that follow each other come to rest: everybody has a place, or waits for an equal or a higher one", () => {
    let running: AtWork[] = [atWork("a", "low"), atWork("b", "low"), atWork("c")];
    let waiting: Waiting[] = [one("d", "low"), one("e", "high"), one("f", "high"), one("g", "high", "c")];
    for (let look = 0; look < 20; look += 1) {
      const turns = nextTurns(waiting, running, 3);
      const started = waiting.filter(({ id }) => turns.start.includes(id));
      const left = running.filter(({ id }) => turns.yield.includes(id));
      running = [
        ...running.filter((run) => !left.includes(run)),
        ...started.map((run) => atWork(run.id, run.priority, run)),
      ];
      waiting = [...waiting.filter((run) => !started.includes(run)), ...left];
      expect(running.length).toBeLessThanOrEqual(3);
    }
    expect(running.map(({ id }) => id).sort()).toEqual(["e", "f", "g"]);
    expect(inOrder(waiting).map(({ id }) => id)[0]).toBe("c");
  });
});

describe("claims to the disk", () => {
  const download = (id: string, change: Partial<Download>): Download => ({ ...fakeDownload(`own/${id}`, change), id });
  const left = (bytes: number, state: Download["state"] = "queued", change: Partial<Download> = {}) => ({
    ...{ state, bytesTotal: bytes + 5, bytesDone: 5 },
    ...change,
  });

  test("are of those let in and those ahead in the queue; of two that plan at once only one sees the other", () => {
    const all = [
      download("first", left(100, "planning")),
      download("second", left(70, "planning")),
      download("urgent", left(30, "queued", { priority: "high" })),
      download("asleep", left(1000, "paused")),
      download("late", left(5)),
    ];
    const reservations = createReservations(() => all);
    expect(reservations.claim("first")).toBe(30);
    expect(reservations.claim("second")).toBe(130);
    // Both left room for it.
    expect(reservations.claim("urgent")).toBe(0);
    reservations.release("first");
    reservations.release("second");
    expect(reservations.claim("first")).toBe(30);
    expect(reservations.promisedBytes()).toBe(205);
  });

  test("do not cancel each other: one that is looked at first, and leaves room for an older one, does not keep that out", () => {
    const all = [download("older", left(60, "planning")), download("newer", left(60, "planning"))];
    const reservations = createReservations(() => all);
    expect(reservations.claim("newer")).toBe(60);
    expect(reservations.claim("older")).toBe(0);
    // Let in once more, after a restart of its work, it counts the one that stayed.
    reservations.release("newer");
    expect(reservations.claim("newer")).toBe(60);
  });

  test("a big one that waits for space does not keep a small one waiting, and together they take no more than there is", () => {
    const paused = (id: string, bytes: number, priority: DownloadPriority = "normal") =>
      download(id, left(bytes, "paused", { pauseReason: "disk_full", priority }));
    const waiting = [paused("big", 100), paused("a", 30), paused("b", 30), paused("c", 30, "high")];
    expect(whoFits(waiting, 70).map(({ id }) => id)).toEqual(["c", "a"]);
    expect(whoFits(waiting, 200).map(({ id }) => id)).toEqual(["c", "big", "a", "b"]);
    expect(whoFits(waiting, -1)).toEqual([]);
  });
});

describe("priorities of downloads at work", () => {
  const size = 24 * mebibyte;
  const file = "model.safetensors";
  const models = ["own/slow-a", "own/slow-b", "own/quick"];
  let bench: DownloadBench;
  afterEach(() => bench.close());

  async function openBusy() {
    const slow = models
      .slice(0, 2)
      .map((id, index) => ({ id, files: { "config.json": "{}", [file]: { size, seed: index + 1 } } }));
    // Patient enough that those at work stay so, on a slow machine too.
    const stallMs = 600_000;
    bench = await openBench({ stallMs, hub: { repos: [...slow, tinyRepo("own/quick"), tinyRepo("own/other")] } });
    for (const repo of models.slice(0, 2))
      bench.hub.faults.add({ kind: "stall", afterBytes: 8 * mebibyte, repo, server: "cdn" });
    const ids = models
      .slice(0, 2)
      .map((model) => bench.downloads.create({ model, revision: "main", priority: "low" }).download.id);
    for (const id of ids) await bench.seen(id, ({ bytesDone }) => bytesDone > 4 * mebibyte);
    return ids as [string, string];
  }

  test("a high one takes the place of a low one, which keeps its bytes and goes on afterwards", async () => {
    const [first, second] = await openBusy();
    const { download } = bench.downloads.create({ model: "own/quick", revision: "main", priority: "high" });
    expect(download).toMatchObject({ priority: "high", state: "queued" });
    await bench.reaches(download.id, "completed");
    expect(bench.downloads.get(first).state).toBe("downloading");
    const waited = bench.events.filter(
      ({ type, data }) => type === "download.changed" && (data as Download).id === second,
    );
    expect(waited.some(({ data }) => (data as Download).state === "queued" && (data as Download).bytesDone > 0)).toBe(
      true,
    );
    bench.hub.faults.clear();
    bench.hub.faults.release();
    for (const id of [first, second]) expect(await bench.reaches(id, "completed")).toMatchObject({ priority: "low" });
  });

  test("raising the priority of one that waits is enough, and is kept", async () => {
    const [, second] = await openBusy();
    const { download } = bench.downloads.create({ model: "own/quick", revision: "main", priority: "low" });
    expect(await bench.downloads.update(download.id, { priority: "high" })).toMatchObject({ priority: "high" });
    await bench.reaches(download.id, "completed");
    expect(bench.downloads.get(download.id)).toMatchObject({ priority: "high" });
    // Asked for again with a higher priority, one at work is raised; never lowered.
    expect(bench.downloads.create({ model: "own/slow-b", revision: "main" }).download).toMatchObject({
      id: second,
      priority: "normal",
    });
    expect(bench.downloads.create({ model: "own/slow-b", revision: "main", priority: "low" }).download).toMatchObject({
      priority: "normal",
    });
  });

  test("the number at work follows its setting at once", async () => {
    const [first, second] = await openBusy();
    bench.set({ downloadConcurrency: 1 });
    await bench.seen(second, ({ state }) => state === "queued");
    expect(bench.downloads.get(first).state).toBe("downloading");
    bench.set({ downloadConcurrency: 2 });
    await bench.seen(second, ({ state }) => state === "downloading");
  });

  test("pausing or cancelling one that was told to make room leaves it paused or gone", async () => {
    const [first, second] = await openBusy();
    const { download } = bench.downloads.create({ model: "own/quick", revision: "main", priority: "high" });
    const [paused, cancelled] = await Promise.all([bench.downloads.pause(second), bench.downloads.cancel(first)]);
    expect([paused.state, cancelled.state]).toEqual(["paused", "cancelled"]);
    await bench.reaches(download.id, "completed");
    expect(await isThere(partsFolder(bench.cache, "own/slow-a"))).toBe(false);
    expect(bench.downloads.get(second).state).toBe("paused");
  });
});

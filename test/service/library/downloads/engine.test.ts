import { afterEach, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultTuning } from "../../../../service/src/library/downloads/messages.ts";
import { byteSource, digest } from "../../../fakes/fake-hub/index.ts";
import type { Fault } from "../../../fakes/fake-hub/index.ts";
import { openEngine } from "./engine-rig.ts";
import type { EngineRig, Transfer } from "./engine-rig.ts";

const mebibyte = 1024 * 1024;
const model = "mlx-community/weights";
const file = "model.safetensors";
const size = 8 * mebibyte;
const repo = { id: model, files: { "config.json": "{}", [file]: { size, seed: 3 } } };
const storage = { file, server: "cdn" } as const;
/** What each connection gets: slow enough that more of them bring more. */
const slow: Fault = { kind: "bandwidth", bytesPerSecond: 2 * mebibyte, ...storage };
let engine: EngineRig;
afterEach(() => engine.close());

const resolved = () => engine.hub.requests.filter(({ path }) => path.includes("/resolve/") && path.includes(file));
const sent = () => engine.storage().reduce((sum, { bytesSent }) => sum + bytesSent, 0);

async function expectRight(transfer: Transfer): Promise<void> {
  expect(await transfer.outcome).toEqual({ kind: "completed" });
  const { sha256 } = await engine.content(model, file);
  expect(sha256).toBe(await digest(await byteSource({ size, seed: 3 }), "sha256"));
  const done = transfer.progress.map(({ bytesDone }) => bytesDone);
  const verified = transfer.progress.map(({ bytesVerified }) => bytesVerified);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(verified).toEqual([...verified].sort((a, b) => a - b));
  expect(transfer.progress.every(({ bytesDone, bytesVerified }) => bytesVerified <= bytesDone)).toBe(true);
  expect(transfer.progress.at(-1)).toMatchObject({ bytesDone: size + 2, bytesVerified: size + 2, connections: 0 });
}

describe("several connections", () => {
  test("bring one file where each has a limit, after the address was asked for once, and no byte comes twice", async () => {
    engine = await openEngine({ repos: [repo] });
    engine.hub.faults.add(slow);
    const transfer = await engine.start(model);
    await expectRight(transfer);
    expect(engine.mostAtOnce()).toBeGreaterThanOrEqual(4);
    expect(engine.mostAtOnce()).toBeLessThanOrEqual(8);
    expect(Math.max(...transfer.progress.map(({ connections }) => connections))).toBeGreaterThanOrEqual(4);
    expect(resolved()).toHaveLength(1);
    const fetched = transfer.progress.at(-1)?.fetchedBytes ?? 0;
    expect(fetched).toBeLessThanOrEqual(size * 1.1);
  });

  test("are never more than the limit over several downloads, each of which gets some", async () => {
    const other = { ...repo, id: "mlx-community/other" };
    engine = await openEngine({ repos: [repo, other] });
    engine.hub.faults.add({ ...slow });
    engine.limit({ connections: 3, bytesPerSecond: null });
    const transfers = [await engine.start(model), await engine.start(other.id)];
    await Promise.all(transfers.map(({ seen }) => seen(({ bytesDone }) => bytesDone > mebibyte)));
    for (const transfer of transfers) expect(await transfer.outcome).toEqual({ kind: "completed" });
    expect(engine.mostAtOnce()).toBeLessThanOrEqual(3);
    expect(engine.mostAtOnce()).toBeGreaterThanOrEqual(2);
  });

  test("follow a new limit at once", async () => {
    engine = await openEngine({ repos: [repo] });
    engine.hub.faults.add(slow);
    const transfer = await engine.start(model);
    await transfer.seen(({ connections }) => connections >= 4);
    const before = transfer.progress.length;
    engine.limit({ connections: 1, bytesPerSecond: null });
    await expectRight(transfer);
    expect(transfer.progress.slice(before + 4).every(({ connections }) => connections <= 1)).toBe(true);
  });

  test("one that stalls is given up alone; the others go on, and what was asked for anew is what it lacked", async () => {
    engine = await openEngine({ repos: [repo] });
    engine.hub.faults.add(slow);
    engine.hub.faults.add({ kind: "stall", afterBytes: 100_000, times: 1, skip: 2, ...storage });
    const transfer = await engine.start(model, { stallMs: 400 });
    await expectRight(transfer);
    expect(engine.logs.filter((line) => line.includes("stalled"))).toHaveLength(1);
    expect(transfer.progress.at(-1)?.fetchedBytes).toBeLessThanOrEqual(size * 1.1);
  });

  test("get a new address together when the old one expires", async () => {
    engine = await openEngine({ repos: [repo] });
    engine.hub.faults.add(slow);
    const transfer = await engine.start(model);
    await transfer.seen(({ connections }) => connections >= 4);
    engine.hub.expireSignedUrls();
    await expectRight(transfer);
    expect(resolved()).toHaveLength(2);
  });

  test("begin the file anew when one of them meets another content", async () => {
    engine = await openEngine({ repos: [repo] });
    engine.hub.faults.add(slow);
    engine.hub.faults.add({ kind: "change-etag", skip: 3, times: 1, ...storage });
    await expectRight(await engine.start(model));
  });

  test("become one where the storage sends whole files to whoever asks for a part", async () => {
    engine = await openEngine({ repos: [repo] });
    engine.hub.faults.add({ kind: "bandwidth", bytesPerSecond: 8 * mebibyte, ...storage });
    engine.hub.faults.add({ kind: "ignore-range", ...storage });
    await expectRight(await engine.start(model));
    const whole = engine.storage().filter(({ headers }) => headers.range === undefined);
    expect(whole.some(({ outcome, bytesSent }) => outcome === "finished" && bytesSent === size)).toBe(true);
  });

  test.each([
    ["wrong ranges", { kind: "wrong-content-range", skip: 2, times: 2 }],
    ["resets", { kind: "drop", afterBytes: 200_000, how: "rst", times: 6 }],
    ["orderly ends", { kind: "cut-every", bytes: 700_000, how: "fin" }],
    ["errors of the storage", { kind: "status", status: 503, skip: 1, times: 5 }],
  ] as [string, Fault][])("get over %s", async (_, fault) => {
    engine = await openEngine({ repos: [repo] });
    engine.hub.faults.add({ ...slow, bytesPerSecond: 6 * mebibyte });
    engine.hub.faults.add({ ...fault, ...storage });
    // On a slow machine one connection may meet all five errors: that is fewer than a download of ours bears.
    await expectRight(await engine.start(model, { attempts: defaultTuning.attempts }));
  });

  test("all wait when the storage says so, and then do not all ask at once", async () => {
    engine = await openEngine({ repos: [repo] });
    engine.hub.faults.add(slow);
    const transfer = await engine.start(model);
    await transfer.seen(({ connections }) => connections >= 4);
    engine.hub.faults.add({ kind: "rate-limit", seconds: 1, style: "retry-after", times: 3, ...storage });
    await expectRight(transfer);
    const refused = engine.storage().filter(({ status }) => status === 429);
    expect(refused).toHaveLength(3);
    for (const { at } of refused) {
      const soon = engine.storage().filter((request) => request.at > at + 250 && request.at < at + 1000);
      expect(soon).toEqual([]);
    }
  });
});

describe("the bandwidth limit", () => {
  test("is no stall: a connection that we let wait is not given up", async () => {
    engine = await openEngine({ repos: [repo] });
    engine.limit({ connections: 8, bytesPerSecond: 64 * 1024 });
    const transfer = await engine.start(model, { stallMs: 100 });
    await transfer.seen(({ bytesDone }) => bytesDone >= 64 * 1024);
    expect(engine.storage()).toHaveLength(1);
    engine.limit({ connections: 8, bytesPerSecond: null });
    await expectRight(transfer);
    expect(engine.logs).toEqual([]);
  });
});

describe("blobs that are in the cache already", () => {
  const blobsOf = () => join(engine.cache, `models--${model.replace("/", "--")}`, "blobs");
  async function putBlob(content: Buffer, blobId: string): Promise<string> {
    await mkdir(blobsOf(), { recursive: true });
    await writeFile(join(blobsOf(), blobId), content);
    return blobId;
  }
  async function right(): Promise<{ bytes: Buffer; blobId: string }> {
    const bytes = Buffer.alloc(size);
    const reader = await (await byteSource({ size, seed: 3 })).open();
    for (let done = 0; done < size;) done += await reader.read(bytes.subarray(done), done);
    return { bytes, blobId: createHash("sha256").update(bytes).digest("hex") };
  }

  test("are read before they are reused, and not fetched", async () => {
    engine = await openEngine({ repos: [repo] });
    const { bytes, blobId } = await right();
    await putBlob(bytes, blobId);
    await expectRight(await engine.start(model));
    expect(engine.storage()).toEqual([]);
  });

  test("are fetched again and replaced when their content is wrong", async () => {
    engine = await openEngine({ repos: [repo] });
    const { bytes, blobId } = await right();
    bytes[size - 1]! ^= 1;
    await putBlob(bytes, blobId);
    const transfer = await engine.start(model);
    expect(await transfer.outcome).toEqual({ kind: "completed" });
    const stored = await readFile(join(blobsOf(), blobId));
    expect(createHash("sha256").update(stored).digest("hex")).toBe(blobId);
    expect(sent()).toBeGreaterThanOrEqual(size);
    expect(engine.logs.join()).toContain("damaged");
  });

  test("are not read when we have proven them before", async () => {
    engine = await openEngine({ repos: [repo] });
    const { bytes, blobId } = await right();
    bytes[size - 1]! ^= 1;
    await putBlob(bytes, blobId);
    const transfer = await engine.start(model, { trustedBlobs: [blobId] });
    expect(await transfer.outcome).toEqual({ kind: "completed" });
    expect(engine.storage()).toEqual([]);
  });
});

describe("addresses", () => {
  test("behind a mirror stay on the mirror although it names the original Hub", async () => {
    engine = await openEngine({ repos: [repo] });
    engine.hub.faults.add({ kind: "foreign-link", origin: "https://huggingface.invalid", file: "config.json" });
    await expectRight(await engine.start(model));
    expect((await engine.content(model, "config.json")).bytes.toString()).toBe("{}");
  });

  test("of storage never get the token", async () => {
    const tokens = { hf_ann: { name: "ann", reads: [model] } };
    engine = await openEngine({ repos: [{ ...repo, private: true }], tokens }, "hf_ann");
    engine.hub.faults.add(slow);
    await expectRight(await engine.start(model));
    expect(engine.storage().length).toBeGreaterThan(1);
    expect(engine.storage().filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });
});

test("a resumed file is hashed from its start while the rest comes in, and its segments are kept", async () => {
  engine = await openEngine({ repos: [repo] });
  engine.hub.faults.add(slow);
  const first = await engine.start(model, { downloadId: "dl_same" });
  await first.seen(({ bytesDone }) => bytesDone > 4 * mebibyte);
  first.stop();
  expect(await first.outcome).toEqual({ kind: "stopped" });
  const before = sent();
  engine.hub.faults.clear();
  await expectRight(await engine.start(model, { downloadId: "dl_same" } as never));
  expect(sent() - before).toBeLessThanOrEqual(4.5 * mebibyte);
});

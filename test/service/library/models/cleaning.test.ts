import { existsSync } from "node:fs";
import { lutimes, mkdir, rm, symlink, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import type { ModelCleaning } from "../../../../service/src/contract/library.ts";
import { pythonEnvironment } from "../../../tools/python-environment.ts";
import { addRevision, shareBlob, weights } from "./hub-cache.ts";
import { bytesBelow, openModelsBench } from "./models-bench.ts";
import type { ModelsBench } from "./models-bench.ts";
import { scanWithPython } from "./python-scan.ts";

let bench: ModelsBench;
beforeEach(async () => {
  bench = await openModelsBench();
});
afterEach(() => bench.close());

const id = "org/one";
const dayMs = 24 * 60 * 60 * 1000;
/** Seconds since the epoch, so many milliseconds before now. */
const ago = (milliseconds: number) => (bench.clock.now() - milliseconds) / 1000;
const kinds = ({ items }: ModelCleaning) => items.map(({ kind }) => kind).sort();

async function old(path: string, content: string, age = dayMs + 60_000): Promise<string> {
  await writeFile(path, content);
  await utimes(path, ago(age), ago(age));
  return path;
}

async function withLitter() {
  const { folder, commit } = await addRevision(bench.cache, { id });
  const blobs = join(folder, "blobs");
  const link = join(folder, "snapshots", commit, "gone.bin");
  await symlink(`../../blobs/${"9".repeat(64)}`, link);
  await lutimes(link, ago(dayMs), ago(dayMs));
  const empty = join(bench.cache, "models--org--empty");
  await mkdir(join(empty, "snapshots"), { recursive: true });
  await utimes(empty, ago(2 * dayMs), ago(2 * dayMs));
  const part = await old(join(blobs, `${"a".repeat(64)}.1a2b3c4d.incomplete`), "12345");
  const unused = await old(join(blobs, "b".repeat(64)), "1234567");
  bench.stale.push({ model: id, bytes: 11 });
  await bench.models.rescan();
  return { folder, blobs, link, empty, part, unused };
}

describe("cleaning", () => {
  test("lists first what it would remove and how much that is, and touches nothing", async () => {
    const { link, empty, part, unused } = await withLitter();
    const before = await bytesBelow(bench.cache);
    const plan = await bench.models.clean(true);
    expect(kinds(plan)).toEqual(["broken-link", "empty-repository", "foreign-part", "own-part", "unused-blob"]);
    expect(plan).toMatchObject({ dryRun: true, bytes: 5 + 7 + 11 });
    expect(plan.items.map(({ path }) => path)).toEqual(expect.arrayContaining([link, empty, part, unused]));
    expect(await bytesBelow(bench.cache)).toBe(before);
    expect(bench.stale).toHaveLength(1);
  });

  test("removes that and nothing else; what Python could not read it reads again", async () => {
    const { link, empty, part, unused } = await withLitter();
    expect((await scanWithPython(bench.cache)).warnings).toHaveLength(1);
    const before = await bytesBelow(bench.cache);
    const done = await bench.models.clean(false);
    expect(done).toMatchObject({ dryRun: false, bytes: 5 + 7 + 11 });
    expect(before - (await bytesBelow(bench.cache))).toBe(5 + 7);
    expect([link, empty, part, unused].filter((path) => existsSync(path))).toEqual([]);
    const python = await scanWithPython(bench.cache, [{ id, revision: "main" }]);
    expect(python).toMatchObject({ warnings: [], failures: {} });
    expect((await bench.models.clean(true)).items).toEqual([]);
    expect(bench.models.get(id)).toMatchObject({ complete: true, partial: null });
  });

  test("leaves what is younger than a day, for somebody may be at work", async () => {
    const { folder } = await addRevision(bench.cache, { id });
    const blobs = join(folder, "blobs");
    await old(join(blobs, `${"a".repeat(64)}.incomplete`), "12345", dayMs - 60_000);
    await old(join(blobs, "b".repeat(64)), "1234567", dayMs - 60_000);
    const empty = join(bench.cache, "models--org--empty");
    await mkdir(join(empty, "blobs"), { recursive: true });
    await utimes(empty, ago(dayMs / 2), ago(dayMs / 2));
    expect((await bench.models.clean(true)).items).toEqual([]);
    expect((await bench.models.clean(false)).items).toEqual([]);
  });

  test("leaves what a server or a download uses", async () => {
    const { part, unused, link } = await withLitter();
    const release = bench.models.hold(id, "main", "It is served.");
    expect(kinds(await bench.models.clean(false))).toEqual(["empty-repository", "own-part"]);
    release();
    bench.downloading.add(id);
    expect(kinds(await bench.models.clean(false))).toEqual([]);
    expect([part, unused].every((path) => existsSync(path))).toBe(true);
    bench.downloading.clear();
    expect(kinds(await bench.models.clean(false))).toEqual(["broken-link", "foreign-part", "unused-blob"]);
    expect(existsSync(link)).toBe(false);
  });

  test("leaves an unfinished file that another client holds the lock of", async () => {
    const { part } = await withLitter();
    const locks = join(bench.cache, ".locks", "models--org--one");
    await mkdir(locks, { recursive: true });
    const lock = join(locks, `${"a".repeat(64)}.lock`);
    const { python } = await pythonEnvironment();
    const hold = `import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()`;
    const holder = execa(python, ["-c", hold, lock], { stdin: "pipe" });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const held = await bench.models.clean(true);
    holder.stdin.end();
    await holder;
    const isTold = process.platform === "linux";
    expect(kinds(held).includes("foreign-part")).toBe(!isTold);
    expect((await bench.models.clean(false)).items.map(({ path }) => path)).toContain(part);
  });

  test("gives back blobs of the shared store that nobody links to any more", async () => {
    const { folder } = await addRevision(bench.cache, { id });
    const payload = await shareBlob(bench.cache, folder, weights);
    await utimes(`${payload}.refs`, 1, 1);
    expect((await bench.models.clean(true)).items).toEqual([]);
    await rm(folder, { recursive: true });
    const done = await bench.models.clean(false);
    expect(done).toMatchObject({ bytes: weights.length, items: [{ kind: "unused-shared-blob", model: null }] });
    expect([existsSync(payload), existsSync(`${payload}.refs`)]).toEqual([false, false]);
  });

  test("leaves what has changed since it was listed", async () => {
    const { unused, empty } = await withLitter();
    const cleaning = bench.models.clean(false);
    // Both come to life before the removal has its turn.
    await writeFile(join(empty, "snapshots", "x"), "");
    await unlink(unused);
    await writeFile(unused, "new");
    await cleaning;
    expect(existsSync(join(empty, "snapshots", "x"))).toBe(true);
    expect(existsSync(unused)).toBe(true);
  });
});

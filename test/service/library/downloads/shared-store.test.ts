import { afterEach, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  readFile,
  readlink,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { byteSource } from "../../../fakes/fake-hub/index.ts";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { pythonEnvironment } from "../../../tools/python-environment.ts";
import { judgeCaches } from "../../../tools/python-judge.ts";
import { contentOf, isThere, listing, openBench, repositoryFolder } from "./download-bench.ts";
import type { DownloadBench } from "./download-bench.ts";

const model = "mlx-community/tiny-4bit";
const other = "someone/other";
const file = "big.safetensors";
const source = { size: 3_000_000, seed: 8 };
const xetHash = createHash("sha256").update("a xet hash is no sha256 of the content").digest("hex");
const repo = (id: string) => {
  const tiny = tinyRepo(id);
  return {
    ...tiny,
    files: { ...tiny.files, [file]: source },
    xetHash: (path: string) => (path === file ? xetHash : undefined),
  };
};
const program = fileURLToPath(new URL("../../../python/shared_store.py", import.meta.url));
let bench: DownloadBench;
afterEach(() => bench.close());

async function bytesOf(content: typeof source): Promise<Buffer> {
  const bytes = Buffer.alloc(content.size);
  const reader = await (await byteSource(content)).open();
  for (let done = 0; done < bytes.length;) done += await reader.read(bytes.subarray(done), done);
  await reader.close();
  return bytes;
}

/** The store as huggingface_hub 2.x lays it, with one payload that another repository uses. */
async function fillStore(cache: string, bytes: Buffer, marker: string | null = "1\n") {
  const payload = join(cache, "blobs", xetHash.slice(0, 2), xetHash);
  await mkdir(dirname(payload), { recursive: true });
  if (marker !== null) await writeFile(join(cache, "blobs", ".huggingface-shared-blobs"), marker);
  await writeFile(payload, bytes);
  await chmod(payload, 0o444);
  const etag = createHash("sha256").update(bytes).digest("hex");
  const root = repositoryFolder(cache, other);
  const commit = "d".repeat(40);
  for (const path of ["blobs", "refs", `snapshots/${commit}`]) await mkdir(join(root, path), { recursive: true });
  await symlink(`../../blobs/${xetHash.slice(0, 2)}/${xetHash}`, join(root, "blobs", etag));
  await symlink(`../../blobs/${etag}`, join(root, "snapshots", commit, file));
  await writeFile(join(root, "refs", "main"), commit);
  await writeFile(`${payload}.refs`, `models--someone--other/blobs/${etag}\n`);
  return { payload, etag };
}

const fetched = () => bench.hub.requests.filter(({ server, file: path }) => server === "cdn" && path === file).length;

describe("the store of blobs that repositories share", () => {
  test("a payload that is right is linked, with its reference, and nothing of it is fetched", async () => {
    bench = await openBench({ hub: { repos: [repo(model)] } });
    const bytes = await bytesOf(source);
    const { payload, etag } = await fillStore(bench.cache, bytes);
    const done = await bench.fetch(model);
    expect(done).toMatchObject({ state: "completed", bytesDone: done.bytesTotal, bytesVerified: done.bytesTotal });
    expect(fetched()).toBe(0);
    const blob = join(repositoryFolder(bench.cache, model), "blobs", etag);
    expect(await readlink(blob)).toBe(`../../blobs/${xetHash.slice(0, 2)}/${xetHash}`);
    expect(await readFile(`${payload}.refs`, "utf8")).toBe(
      `models--someone--other/blobs/${etag}\nmodels--mlx-community--tiny-4bit/blobs/${etag}\n`,
    );
    expect((await contentOf(bench.cache, model, done.commit as string, file)).equals(bytes)).toBe(true);
    expect((await lstat(payload)).mode & 0o777).toBe(0o444);

    const question = { cache: bench.cache, model, revision: "main", endpoint: bench.hub.url };
    const [judged] = await judgeCaches([question]);
    expect(judged).toMatchObject({ warnings: [], repos: [model, other], load: { error: null } });
    expect(judged?.verify?.value).toMatchObject({ mismatches: [], missing: [] });
    // The shared payload counts once, whoever uses it.
    expect(judged?.sizeOnDisk).toBeLessThan(2 * source.size);
  }, 120_000);

  test("Python's own code shares it with us: it publishes, we link, and it frees the payload with the last of us", async () => {
    bench = await openBench({ hub: { repos: [repo(model), repo(other)] } });
    const { python } = await pythonEnvironment();
    const run = (...words: string[]) =>
      execa(python, [program, ...words], { env: { HF_HUB_DISABLE_TELEMETRY: "1" } }).then(({ stdout }) => stdout);
    await bench.fetch(other);
    const etag = createHash("sha256")
      .update(await bytesOf(source))
      .digest("hex");
    const theirs = join(repositoryFolder(bench.cache, other), "blobs", etag);
    expect(await run("publish", bench.cache, theirs, xetHash)).toBe("True");
    const payload = await realpath(theirs);
    const before = fetched();
    expect((await bench.fetch(model)).state).toBe("completed");
    expect(fetched()).toBe(before);
    const ours = join(repositoryFolder(bench.cache, model), "blobs", etag);
    expect(await realpath(ours)).toBe(payload);
    await run("delete", bench.cache, other);
    expect(await realpath(ours)).toBe(payload);
    await run("delete", bench.cache, model);
    expect(await isThere(payload)).toBe(false);
  }, 120_000);

  test("a payload with one wrong byte is neither linked nor touched: the file is fetched", async () => {
    bench = await openBench({ hub: { repos: [repo(model)] } });
    const bytes = await bytesOf(source);
    const wrong = Buffer.from(bytes);
    wrong[1_000_000] = (wrong[1_000_000] ?? 0) ^ 1;
    const { payload } = await fillStore(bench.cache, wrong);
    const done = await bench.fetch(model);
    expect(done.state).toBe("completed");
    expect((await contentOf(bench.cache, model, done.commit as string, file)).equals(bytes)).toBe(true);
    expect((await readFile(payload)).equals(wrong)).toBe(true);
    expect(await readFile(`${payload}.refs`, "utf8")).not.toContain("tiny-4bit");
  });

  test.each([
    ["without its mark", null],
    ["of another form", "2\n"],
  ])("a store %s is not used", async (_, marker) => {
    bench = await openBench({ hub: { repos: [repo(model)] } });
    await fillStore(bench.cache, await bytesOf(source), marker);
    const done = await bench.fetch(model);
    const path = join(repositoryFolder(bench.cache, model), "blobs");
    expect(done.state).toBe("completed");
    expect((await listing(path)).filter((line) => line.includes("->"))).toEqual([]);
  });

  test("a reference that a crash cut off does not swallow ours, and ours is written once", async () => {
    bench = await openBench({ hub: { repos: [repo(model)] } });
    const { payload, etag } = await fillStore(bench.cache, await bytesOf(source));
    await appendFile(`${payload}.refs`, "models--cut/blo");
    await bench.fetch(model);
    await rm(join(repositoryFolder(bench.cache, model)), { recursive: true });
    await bench.fetch(model);
    const lines = (await readFile(`${payload}.refs`, "utf8")).split("\n");
    const own = `models--mlx-community--tiny-4bit/blobs/${etag}`;
    expect(lines).toEqual([`models--someone--other/blobs/${etag}`, "models--cut/blo", own, ""]);
  });

  test("a cancelled download leaves the payload, and no link to it", async () => {
    bench = await openBench({ hub: { repos: [repo(model)] } });
    const { payload } = await fillStore(bench.cache, await bytesOf(source));
    bench.hub.faults.add({ kind: "stall", afterBytes: 100, file: "model.safetensors" });
    const { download } = bench.downloads.create({ model, revision: "main" });
    await bench.hub.waitForRequest(({ faults }) => faults.includes("stall"));
    await bench.downloads.cancel(download.id);
    expect(await isThere(payload)).toBe(true);
    expect(await isThere(repositoryFolder(bench.cache, model))).toBe(false);
  });
});

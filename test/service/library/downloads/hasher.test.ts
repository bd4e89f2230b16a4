import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createHasher } from "../../../../service/src/library/downloads/worker/hash/hasher.ts";
import type { Hasher } from "../../../../service/src/library/downloads/worker/hash/hasher.ts";
import { temporaryFolder } from "../parts.ts";

const content = Buffer.from("0123456789".repeat(1000));
const blobId = createHash("sha256").update(content).digest("hex");
let folder: { path: string; remove: () => Promise<void> };
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

describe("the hashing thread", () => {
  const file = (path: string) => ({ path, sizeBytes: content.length, algorithm: "sha256" as const });
  let hasher: Hasher;
  beforeEach(() => void (hasher = createHasher()));
  afterEach(async () => {
    await hasher.rest();
  });
  async function written(bytes: Uint8Array): Promise<string> {
    const path = join(folder.path, "growing");
    await writeFile(path, bytes);
    return path;
  }

  test("follows a file that grows, and never reads what it was not told of", async () => {
    const path = await written(content.subarray(0, 4000));
    const run = hasher.follow(file(path));
    run.advance(4000);
    await writeFile(path, content);
    run.advance(3000);
    run.advance(content.length);
    expect(await run.digest).toBe(blobId);
    expect(run.hashed()).toBe(content.length);
  });

  test("finds one wrong byte", async () => {
    const wrong = Buffer.from(content);
    wrong[77] = 0;
    const run = hasher.follow(file(await written(wrong)));
    run.advance(content.length);
    expect(await run.digest).not.toBe(blobId);
  });

  test("knows git's blob ids, also of nothing", async () => {
    const run = hasher.follow({ path: await written(Buffer.alloc(0)), sizeBytes: 0, algorithm: "git-sha1" });
    run.advance(0);
    expect(await run.digest).toBe("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  });

  test("says that a file is gone or shorter than told, and goes on with others", async () => {
    const gone = hasher.follow(file(join(folder.path, "none")));
    gone.advance(10);
    const short = hasher.follow(file(await written(content.subarray(0, 100))));
    short.advance(content.length);
    await expect(gone.digest).rejects.toThrow("ENOENT");
    await expect(short.digest).rejects.toThrow("shorter");
    const good = hasher.follow(file(await written(content)));
    good.advance(content.length);
    expect(await good.digest).toBe(blobId);
  });

  test("lets a writer wait that is far ahead, but nobody while it has nothing to read", async () => {
    const path = await written(content);
    const never = new AbortController();
    const waits: boolean[] = [];
    const note = (isWaiting: boolean) => void waits.push(isWaiting);
    await hasher.pace(2 ** 40, never.signal, note);
    expect(waits).toEqual([]);
    const run = hasher.follow(file(path));
    run.advance(content.length);
    await hasher.pace(2 ** 40, never.signal, note);
    expect(waits).toEqual([true, false]);
    expect(await run.digest).toBe(blobId);
  });
});

import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ModelVerification } from "../../../../service/src/contract/library.ts";
import { provenFiles } from "../../../../service/src/library/mirror/proof.ts";
import { addRevision, modelFiles } from "../models/hub-cache.ts";
import { temporaryFolder } from "../../../tools/temporary-folder.ts";
import { startMirrorWorld } from "./mirror-world.ts";
import type { MirrorWorld } from "./mirror-world.ts";

const blob = "a".repeat(64);
const seconds = (time: number) => new Date(time * 1000).toISOString();

describe("a file counts as checked", () => {
  const folder = temporaryFolder();
  const isShared = async (writtenAt: number, downloadedAt: number | null, check: Partial<ModelVerification> | null) => {
    await writeFile(folder.in("x.txt"), "x");
    await utimes(folder.in("x.txt"), writtenAt, writtenAt);
    const file = { path: "x.txt", localPath: "x.txt", sizeBytes: 1, blobId: blob, gitOid: blob, pointerBytes: null };
    const files = await provenFiles(folder.in(), [file], {
      proven: new Map(downloadedAt === null ? [] : [[blob, downloadedAt * 1000]]),
      verification: check as ModelVerification | null,
    });
    return files !== null;
  };
  const right = (at: number) => ({ verifiedAt: seconds(at), wrongFiles: [] });
  const wrong = (at: number) => ({ verifiedAt: seconds(at), wrongFiles: [{ path: "x.txt" }] as never });

  test.each<[string, number, number | null, Partial<ModelVerification> | null, boolean]>([
    ["never, when nobody looked", 10, null, null, false],
    ["when a download proved it", 10, 20, null, true],
    ["no more when it was written after that", 30, 20, null, false],
    ["when it was read again", 10, null, right(20), true],
    ["no more when it was written after that", 30, null, right(20), false],
    ["not when the last look found it wrong, though a download had proven it", 10, 30, wrong(20), false],
    ["again when it was fetched again after that", 25, 30, wrong(20), true],
  ])("%s", async (_title, writtenAt, downloadedAt, check, expected) => {
    expect(await isShared(writtenAt, downloadedAt, check)).toBe(expected);
  });
});

describe("a model that another program put into the cache", () => {
  let world: MirrorWorld;
  beforeEach(async () => void (world = await startMirrorWorld({ repos: [] })));
  afterEach(() => world.close());

  const verify = async () => {
    const { id } = await world.api.send<{ id: string }>("POST", "/api/models/org/one/verify");
    await world.api.until("jobs", ({ snapshot, event }) => {
      const all = [...(snapshot?.jobs ?? []), ...(event?.type === "job.changed" ? [event.data] : [])];
      return all.find((job) => job.id === id && !["queued", "running"].includes(job.state));
    });
  };
  const status = async (path: string) => (await world.ask(`/hub${path}`)).status;

  test("is shared once it was verified, and not when it was changed since", async () => {
    const cache = join(world.service.home, "hub");
    const { folder } = await addRevision(cache, { id: "org/one" });
    const { models } = world.service.service;
    await models.rescan("org/one");
    const refused = await world.ask("/hub/org/one/resolve/main/config.json");
    expect(refused).toMatchObject({ status: 404, headers: { "x-error-code": "RevisionNotFound" } });
    expect(refused.headers["x-error-message"]).toContain("Verify the model");
    expect((await world.ask("/hub/api/models")).json).toEqual([]);

    await verify();
    expect(await status("/org/one/resolve/main/config.json")).toBe(200);
    expect((await world.ask("/hub/api/models")).json).toEqual([expect.objectContaining({ id: "org/one" })]);

    const file = (await models.files("org/one", "main")).find(({ path }) => path === "README.md");
    const damaged = "# A m0del";
    expect(damaged).toHaveLength(String(modelFiles["README.md"]).length);
    await writeFile(join(folder, "blobs", String(file?.blobId)), damaged);
    expect(await status("/org/one/resolve/main/README.md")).toBe(404);
    expect(await status("/org/one/resolve/main/config.json")).toBe(200);

    const weights = (await models.files("org/one", "main")).find(({ path }) => path === "model.safetensors");
    await writeFile(join(folder, "blobs", String(weights?.blobId)), Buffer.alloc(weights?.sizeBytes ?? 0));
    expect(await status("/org/one/resolve/main/model.safetensors")).toBe(404);
    await verify();
    expect(await world.ask("/hub/org/one/resolve/main/config.json")).toMatchObject({
      status: 404,
      headers: { "x-error-code": "RevisionNotFound" },
    });
  }, 120_000);
});

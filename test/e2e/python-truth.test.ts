import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { lstat, mkdtemp, readFile, readdir, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Download } from "../../service/src/contract/downloads.ts";
import { startFakeHub } from "../fakes/fake-hub/index.ts";
import type { FakeHub } from "../fakes/fake-hub/index.ts";
import { foldsNames } from "../tools/name-folding.ts";
import { pythonHub } from "../tools/python-hub.ts";
import type { PythonHub } from "../tools/python-hub.ts";
import { serviceApi } from "../tools/service-api.ts";
import { startServiceProcess } from "../tools/service-process.ts";
import type { ServiceProcess } from "../tools/service-process.ts";
import { craftedRepos } from "./truth-repos.ts";
import type { CraftedRepo } from "./truth-repos.ts";

/**
 * Acceptance 8: for each crafted repository the folder that our service writes into the cache equals the one that
 * `hf download` writes: names, kinds, link targets, modes, contents, refs and listing.
 *
 * Known differences, all on purpose:
 * - `.locks/` beside the repositories: Python's file locks, which it leaves behind.
 * - `CACHEDIR.TAG`: the signature is what counts, the sentences after it are each program's own.
 * - `onlyOurs` of a repository, with its reason.
 * - Weights that a repository has in several formats come once with us; none of these repositories has such.
 */
let folder: string;
let hub: FakeHub;
let service: ServiceProcess;
let python: PythonHub;
let ourPython: PythonHub;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlx-manager-truth-"));
  hub = await startFakeHub({ pageSizes: { tree: 1000 } });
  service = await startServiceProcess({ home: join(folder, "home"), environment: { HF_ENDPOINT: hub.url } });
  python = await pythonHub(join(folder, "python", "hub"), hub.url);
  ourPython = await pythonHub(ours(), hub.url);
}, 300_000);
afterAll(async () => {
  await service.kill("SIGTERM");
  await hub.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const ours = (): string => join(folder, "home", "hub");
const theirs = (): string => join(folder, "python", "hub");
const repositoryOf = (cache: string, id: string): string => join(cache, `models--${id.replace("/", "--")}`);

async function download(model: string, revision: string): Promise<Download> {
  const api = serviceApi(service.address);
  const { id } = await api.send<Download>("POST", "/api/downloads", { model, revision });
  return api.until("downloads", ({ snapshot, event }) => {
    const seen = [...(snapshot?.downloads ?? []), ...(event?.type === "download.changed" ? [event.data] : [])];
    return seen.find((one) => one.id === id && ["completed", "failed", "paused"].includes(one.state));
  });
}

/** One line for each thing in a repository's folder, with all that can differ. */
async function pictureOf(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const lines = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(root.length + 1);
    if (entry.isSymbolicLink()) return `${name} -> ${await readlink(path)}`;
    const mode = ((await lstat(path)).mode & 0o7777).toString(8);
    if (entry.isDirectory()) return `${name}/ ${mode}`;
    const content = await readFile(path);
    const shown = /^(refs|trees)\//.test(name)
      ? content.toString()
      : createHash("sha256").update(content).digest("hex");
    return `${name} ${mode} ${content.length} ${shown}`;
  });
  return (await Promise.all(lines)).sort();
}

describe("our cache equals the one `hf download` makes, file by file", () => {
  test.each(craftedRepos().map((crafted): [string, CraftedRepo] => [crafted.title, crafted]))(
    "%s",
    async (_, { repo, revision = "main", twins, onlyOurs }) => {
      await hub.addRepo(repo);
      const done = await download(repo.id, revision);
      if (twins && foldsNames(...twins)) {
        // A file system that takes two names for one cannot hold both: that is told, and nothing is half done.
        return expect(done).toMatchObject({ state: "failed", error: { code: "unsupported" } });
      }
      expect(done).toMatchObject({ state: "completed", error: null });
      await python.hf("download", repo.id, "--revision", revision, "--quiet");
      const all = await pictureOf(repositoryOf(ours(), repo.id));
      const mine = all.filter((line) => onlyOurs?.names.test(line) !== true);
      expect(all.length > mine.length).toBe(onlyOurs !== undefined);
      const truth = await pictureOf(repositoryOf(theirs(), repo.id));
      expect(mine).toEqual(truth);
      expect(mine.length).toBeGreaterThan(Object.keys(repo.files).length);
      const found = `from huggingface_hub import snapshot_download as find; print(find("${repo.id}", revision="${revision}", local_files_only=True))`;
      expect(await ourPython.run(found)).toContain(done.commit);
      await ourPython.hf(
        "cache",
        "verify",
        repo.id,
        "--revision",
        revision,
        "--fail-on-missing-files",
        "--fail-on-extra-files",
      );
    },
    180_000,
  );

  test("the cache's own marks are the same, and Python's scan has no word against it", async () => {
    const signature = async (cache: string): Promise<string> =>
      (await readFile(join(cache, "CACHEDIR.TAG"), "utf8")).split("\n")[0]!;
    expect(await signature(ours())).toBe(await signature(theirs()));
    const top = async (cache: string): Promise<string[]> =>
      (await readdir(cache)).filter((name) => name !== ".locks").sort();
    expect(await top(ours())).toEqual(await top(theirs()));
    expect(await ourPython.warnings()).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { repositoryLayout } from "../../../../service/src/library/downloads/layout.ts";
import type { PlannedFile } from "../../../../service/src/library/downloads/messages.ts";
import type { CommitStep } from "../../../../service/src/library/downloads/worker/commit/committer.ts";
import { discardDownload } from "../../../../service/src/library/downloads/worker/commit/files.ts";
import { writeJournal } from "../../../../service/src/library/downloads/worker/parts/journal.ts";
import type { DyingCommit } from "../../../fakes/dying-commit.ts";
import { judgeCaches } from "../../../tools/python-judge.ts";
import type { CacheQuestion } from "../../../tools/python-judge.ts";
import { temporaryFolder } from "../parts.ts";
import { listing } from "./download-bench.ts";

const program = fileURLToPath(new URL("../../../fakes/dying-commit.ts", import.meta.url));
const model = "mlx-community/tiny";
const steps: readonly (readonly [CommitStep, number])[] = [
  ...([
    ["intent", 0],
    ["blob", 0],
    ["blob", 2],
    ["blobs", 0],
    ["listing", 0],
  ] as const),
  ...([
    ["snapshot", 0],
    ["tag", 0],
    ["ref", 0],
    ["journal", 0],
    ["end", 0],
  ] as const),
];
let folder: { path: string; remove: () => Promise<void> };

const content = (path: string, version: number) => `${path} ${path === "config.json" ? "{}" : version}`;
function fileOf(path: string, version: number): PlannedFile & { gitOid: string } {
  const bytes = Buffer.from(content(path, version));
  const hash = createHash(path.endsWith(".safetensors") ? "sha256" : "sha1");
  const isLarge = path.endsWith(".safetensors");
  const blobId = isLarge
    ? hash.update(bytes).digest("hex")
    : hash.update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
  const algorithm = isLarge ? "sha256" : "git-sha1";
  return { path, sizeBytes: bytes.length, blobId, algorithm, xetHash: null, gitOid: blobId.slice(0, 40) };
}
const paths = ["config.json", "deep/er/notes.txt", "model.safetensors", "model.safetensors.index.json"];
const commitOf = (version: number) => String(version).repeat(40);

/** All parts verified and journaled: the state a session hands to the commit. */
async function prepare(cachePath: string, version: number): Promise<DyingCommit["commit"]> {
  const downloadId = `dl_${version}`;
  const layout = repositoryLayout(cachePath, model);
  await mkdir(layout.parts, { recursive: true });
  await mkdir(layout.snapshots, { recursive: true });
  const files = paths.map((path) => fileOf(path, version));
  const records = new Map();
  for (const { path, blobId, sizeBytes } of files) {
    await writeFile(layout.part(blobId, downloadId), content(path, version));
    records.set(blobId, { sizeBytes, ranges: [[0, sizeBytes]], isVerified: true });
  }
  await writeJournal(layout, downloadId, records);
  return { ...{ cachePath, model, downloadId, files }, listing: files, ...facts(version) };
}
const facts = (version: number) => ({ commit: commitOf(version), revision: "main", movesRef: true });

async function run(commit: DyingCommit["commit"], dieAt: DyingCommit["dieAt"]): Promise<string | null> {
  const file = `${commit.cachePath}.json`;
  await writeFile(file, JSON.stringify({ commit, dieAt } satisfies DyingCommit));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, file], { stdio: "ignore" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => (code === 0 || signal ? resolve(signal) : reject(new Error("It failed."))));
  });
}

const question = (cache: string): CacheQuestion => ({ cache, model, revision: "main", endpoint: null });

interface Trial {
  readonly name: string;
  readonly cache: string;
  readonly commit: DyingCommit["commit"];
  readonly step: CommitStep;
  readonly isUpdate: boolean;
}
const trials: Trial[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  for (const isUpdate of [false, true]) {
    for (const [step, passes] of steps) {
      const name = `${isUpdate ? "update" : "first"} ${step} ${passes}`;
      const cache = join(folder.path, name.replaceAll(" ", "-"));
      if (isUpdate) await run(await prepare(cache, 1), null);
      const commit = await prepare(cache, 2);
      expect(await run(commit, { step, passes })).toBe("SIGKILL");
      trials.push({ name, cache, commit, step, isUpdate });
    }
  }
}, 120_000);
afterAll(() => folder.remove());

describe("a commit that is killed", () => {
  test("leaves after every step a cache that Python loads the old revision from, or the whole new one", async () => {
    const judgements = await judgeCaches(trials.map(({ cache }) => question(cache)));
    for (const [index, { name, cache, step, isUpdate }] of trials.entries()) {
      const judgement = judgements[index];
      expect({ name, warnings: judgement?.warnings }).toEqual({ name, warnings: [] });
      const isNew = ["ref", "journal", "end"].includes(step);
      if (!isNew && !isUpdate) {
        expect({ name, error: judgement?.load.error }).toEqual({ name, error: "LocalEntryNotFoundError" });
        continue;
      }
      const commit = commitOf(isNew ? 2 : 1);
      const path = join(repositoryLayout(cache, model).snapshots, commit);
      expect({ name, path: judgement?.load.value }).toEqual({ name, path });
      for (const file of paths) expect(await readFile(join(path, file), "utf8")).toBe(content(file, isNew ? 2 : 1));
    }
  }, 120_000);

  test("is completed by a restart, or taken back by a cancellation, without a trace", async () => {
    for (const { cache, commit, step, isUpdate, name } of trials) {
      const layout = repositoryLayout(cache, model);
      const given = `${cache}-given-up`;
      await cp(cache, given, { recursive: true, verbatimSymlinks: true });
      await discardDownload(repositoryLayout(given, model), commit.downloadId);
      const left = (await listing(given)).filter((line) => !line.includes("CACHEDIR.TAG"));
      const isNew = ["ref", "journal", "end"].includes(step);
      if (!isNew && !isUpdate) expect({ name, left }).toEqual({ name, left: [] });

      expect(await run(commit, null)).toBeNull();
      expect(await readFile(join(layout.refs, "main"), "utf8")).toBe(commit.commit);
      for (const file of paths)
        expect(await readFile(join(layout.snapshots, commit.commit, file), "utf8")).toBe(content(file, 2));
      const lines = await listing(cache);
      expect(lines.filter((line) => line.includes(".mlx-manager-parts"))).toEqual([]);
      if (!isNew && isUpdate) {
        const old = join(folder.path, "reference");
        await run(await prepare(old, 1), null);
        expect({ name, left }).toEqual({ name, left: (await listing(old)).filter((line) => !line.includes("TAG")) });
      }
    }
    const judgements = await judgeCaches(trials.map(({ cache }) => question(cache)));
    for (const { warnings, load, loadAsMlxLm } of judgements) {
      expect(warnings).toEqual([]);
      expect([load.error, loadAsMlxLm.error]).toEqual([null, null]);
    }
  }, 120_000);
});

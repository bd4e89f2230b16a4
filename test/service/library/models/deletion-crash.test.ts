import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, watch } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mkdir, rm, utimes } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { seededRandom, trials } from "../../../tools/counts.ts";
import { addRevision, commitOf, modelFiles } from "./hub-cache.ts";
import type { Files } from "./hub-cache.ts";
import { openModelsBench } from "./models-bench.ts";
import type { ModelsBench } from "./models-bench.ts";
import { scanWithPython } from "./python-scan.ts";

const program = fileURLToPath(new URL("../../../fakes/doomed-deletion.ts", import.meta.url));
const id = "org/one";
let bench: ModelsBench;
beforeEach(async () => {
  bench = await openModelsBench();
});
afterEach(() => bench.close());

/** Kills the deletion at its nth step that the disk shows; at the end when there are fewer. */
async function deleteAndDie(folder: string, commit: string, revision: string, steps: number): Promise<void> {
  let left = steps;
  let kill = (): unknown => undefined;
  // Before the child is there: it may be quick.
  const watches = [join(folder, "refs"), join(folder, "snapshots", commit), join(folder, "blobs")].map((place) =>
    watch(place, () => {
      left -= 1;
      if (left === 0) kill();
    }),
  );
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, bench.cache, id, revision], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  kill = () => child.kill("SIGKILL");
  await once(child, "close");
  for (const one of watches) one.close();
}

test.each([
  ["one of two revisions", commitOf("older")],
  ["a whole model", ""],
])(
  "a deletion of %s that is killed anywhere leaves a cache that is whole, and can be asked for again",
  async (_, revision) => {
    const random = seededRandom(7);
    const many: Files = Object.fromEntries(
      Array.from({ length: 60 }, (__, index) => [`part-${index}.txt`, `old ${index}`]),
    );
    for (let trial = 0; trial < trials(3, 20); trial += 1) {
      const old = { id, refs: ["v1"], commit: commitOf("older"), files: { ...modelFiles, ...many }, tree: true };
      await addRevision(bench.cache, old);
      const { folder, commit } = await addRevision(bench.cache, { id, tree: true });
      await deleteAndDie(folder, revision === "" ? commit : revision, revision, 1 + Math.floor(random() * 130));
      // As a person finds it later: what is younger may be somebody's work.
      if (existsSync(join(folder, "blobs"))) await utimes(join(folder, "blobs"), 1, 1);
      await bench.models.rescan(id);
      const model = bench.models.find(id);
      const whole = (model?.revisions ?? [])
        .filter((one) => one.complete)
        .map((one) => ({ id, revision: one.revision }));
      expect(await scanWithPython(bench.cache, whole)).toMatchObject({ warnings: [], failures: {} });
      if (revision !== "") expect(whole.map((one) => one.revision)).toContain(commit);
      if (model !== null) await bench.models.remove(id);
      const left = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
      expect(left.filter((entry) => !entry.isDirectory())).toEqual([]);
    }
  },
  trials(120_000, 600_000),
);

test("one that dies between a snapshot's last link and its folder is shown, and can be asked for again", async () => {
  const { folder, commit } = await addRevision(bench.cache, { id, tree: true });
  for (const name of ["refs", "snapshots"]) await rm(join(folder, name), { recursive: true });
  await mkdir(join(folder, "snapshots", commit), { recursive: true });
  await utimes(join(folder, "blobs"), 1, 1);
  await bench.models.rescan(id);
  expect(bench.models.find(id)).toMatchObject({ complete: false, problem: expect.stringContaining("cut short") });
  await bench.models.remove(id);
  expect(existsSync(folder)).toBe(false);
});

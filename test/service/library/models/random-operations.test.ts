import { mkdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { seededRandom, trials } from "../../../tools/counts.ts";
import { hf } from "../../../tools/hf-command.ts";
import { ApiFailure } from "../../../tools/service-api.ts";
import type { Download } from "../../../../service/src/contract/downloads.ts";
import type { Model } from "../../../../service/src/contract/models.ts";
import { openLibrary } from "./library-rig.ts";
import type { Library } from "./library-rig.ts";
import { scanWithPython } from "./python-scan.ts";

/** One cache, our service and Python's own client at work on it at the same time, with a dice that always falls alike. */
const operations = trials(16, 200);
const batchSize = 4;
const ids = ["own/one", "own/two", "own/three"];
const random = seededRandom(20_261_121);
const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;

let library: Library;
/** Every commit the Hub has of a model, the newest last. */
const commits = new Map<string, string[]>();
beforeAll(async () => {
  library = await openLibrary();
  await mkdir(library.cache);
  for (const id of ids) {
    const { sha } = await library.hub.addRepo(
      tinyRepo(id, { seed: id.length, files: { "extra.bin": { size: 3_000_000, seed: id.length } } }),
    );
    commits.set(id, [sha]);
  }
});
afterAll(() => library.close());

/** What may be refused while others are at work, and is no fault. */
const fair = new Set(["model_not_found", "revision_not_found", "model_in_use", "conflict", "not_found"]);
async function allowed(work: Promise<unknown>): Promise<string> {
  try {
    const done = await work;
    return (done as Download | undefined)?.state ?? "done";
  } catch (error) {
    if (error instanceof ApiFailure && fair.has(error.body.error.code)) return error.body.error.code;
    throw error;
  }
}

const python = async (...words: string[]): Promise<string> => {
  const { code } = await hf(words, { endpoint: library.hub.url, home: library.service.home });
  // Two at work on one repository may stand in each other's way; what counts is what they leave.
  return code === 0 ? "done" : "refused";
};

const ours: Record<string, (id: string) => Promise<string>> = {
  download: (id) => allowed(library.fetch(id)),
  "download an old commit": (id) => allowed(library.fetch(id, pick(commits.get(id) ?? []))),
  "download and cancel": async (id) => {
    const { id: download } = await library.api.send<Download>("POST", "/api/downloads", { model: id });
    return await allowed(library.api.send("DELETE", `/api/downloads/${download}`));
  },
  "update and download": async (id) => {
    const { sha } = await library.hub.updateRepo(id, {
      files: { "README.md": `# ${random()}`, "config.json": JSON.stringify({ model_type: "llama", turn: random() }) },
    });
    commits.get(id)?.push(sha);
    return await allowed(library.fetch(id));
  },
  "delete the model": (id) => allowed(library.api.send("DELETE", `/api/models/${id}`)),
  "delete a revision": (id) => {
    const revision = pick(commits.get(id) ?? []);
    return allowed(library.api.send("DELETE", `/api/models/${id}/revisions/${revision}`));
  },
  verify: (id) => allowed(library.verify(id)),
  clean: () => allowed(library.api.send("POST", "/api/models/clean", { dryRun: false })),
};
const theirs: Record<string, (id: string) => Promise<string>> = {
  "hf download": (id) => python("download", id),
  "hf download of an old commit": (id) => python("download", id, "--revision", pick(commits.get(id) ?? [])),
  "hf cache rm": (id) => python("cache", "rm", `model/${id}`, "--yes"),
  "hf cache prune": () => python("cache", "prune", "--yes"),
};

test(
  `${operations} random operations by us and by hf on one cache leave it whole after every batch`,
  async () => {
    const history: string[] = [];
    let loaded = 0;
    for (let done = 0; done < operations; done += batchSize) {
      const batch = Array.from({ length: batchSize }, async (_, place) => {
        const kinds = place === 0 ? theirs : ours;
        const name = pick(Object.keys(kinds));
        const id = pick(ids);
        const ended = await (kinds[name] as (id: string) => Promise<string>)(id);
        return `${name} ${id}: ${ended}`;
      });
      history.push((await Promise.all(batch)).join(" | "));
      await library.service.service.models.rescan();
      const { items } = await library.api.get<{ items: Model[] }>("/api/models");
      const whole = items.flatMap(({ id, source, revisions }) =>
        source !== "hub-cache" ? [] : revisions.filter((one) => one.complete).map(({ revision }) => ({ id, revision })),
      );
      loaded += whole.length;
      const seen = await scanWithPython(library.cache, whole);
      expect({ history, warnings: seen.warnings, failures: seen.failures }).toEqual({
        ...{ history, warnings: [], failures: {} },
      });
    }
    // That there was something to judge.
    expect(loaded).toBeGreaterThan(0);
    expect(history.join(" ")).toContain("completed");
  },
  trials(240_000, 3_600_000),
);

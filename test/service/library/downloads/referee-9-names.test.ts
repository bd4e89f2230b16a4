import { afterEach, describe, expect, test } from "@jest/globals";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { FakeHubOptions, FileSet } from "../../../fakes/fake-hub/index.ts";
import { trials } from "../../../tools/counts.ts";
import { foldsNames } from "../../../tools/name-folding.ts";
import { contentOf, isThere, listing, repositoryFolder } from "./download-bench.ts";
import { faultsOf, openReferee, rangedRepo } from "./referee-rig.ts";
import type { Referee, RefereeOptions } from "./referee-rig.ts";

/** Referee case 9: names and scale. */
const model = "mlx-community/names";
const config = { "config.json": "{}" };
let referee: Referee;
afterEach(() => referee.close());

const open = async (files: FileSet, hub: FakeHubOptions = {}, more: RefereeOptions = {}): Promise<void> => {
  referee = await openReferee({ ...more, hub: { ...hub, repos: [{ id: model, files }] } });
};

describe("referee case 9: names", () => {
  test.each([
    ["one that climbs", "../x.txt"],
    ["one that climbs out of the cache", "../../../../x.txt"],
    ["one that climbs from within", "deep/../../../x.txt"],
    ["an absolute one", "/tmp/mlx-manager-referee-x.txt"],
    ["one with a backslash", "a\\b.txt"],
    ["one of a drive", "C:x.txt"],
    ["one with a line end", "a\nb.txt"],
  ])("%s is refused with a code before a byte is fetched, and leaves nothing anywhere", async (_, name) => {
    await open({ ...config, [name]: "x" });
    const failed = await referee.fetch(model);
    expect(failed).toMatchObject({ state: "failed", error: { code: "unsupported" } });
    expect(referee.hub.requests.filter(({ path }) => path.includes("/resolve"))).toEqual([]);
    await referee.cancel(failed.id);
    expect(await listing(referee.cache)).toEqual([]);
    const escaped = await readdir(referee.service.home, { recursive: true });
    expect(escaped.filter((path) => path.endsWith("x.txt"))).toEqual([]);
    expect(await isThere("/tmp/mlx-manager-referee-x.txt")).toBe(false);
  });

  test("number signs, percent signs, question marks, spaces, quotes, scripts and dots arrive under their own names", async () => {
    const names = [
      ...["a#b.txt", "100%25.txt", "50%.txt", "what?.txt", "a b  c.txt", "plus+and&.txt", `"quoted" 'names'.txt`],
      ...[
        "模型/权重.txt",
        "\u00e9clair.txt",
        "e\u0301tude.txt",
        "..hidden",
        "a..b/c...txt",
        "semi;colon,comma.txt",
        "[x]{y}.txt",
      ],
      ...["-dash.txt", "~tilde.txt", "emoji 😀.txt", `${"n".repeat(200)}.txt`],
    ];
    const files = Object.fromEntries(names.map((name) => [name, `content of ${name}`]));
    await open({ ...config, ...files, "we ights#1%.safetensors": { size: 100_000, seed: 1 } });
    const done = await referee.fetch(model);
    expect(done).toMatchObject({ state: "completed", filesDone: names.length + 2 });
    for (const name of names)
      expect(String(await contentOf(referee.cache, model, done.commit as string, name))).toBe(`content of ${name}`);
    expect(await faultsOf(referee.cache, model, done)).toEqual([]);
  });

  test.each([
    ["case", "Notes.txt", "notes.txt"],
    ["Unicode form", "caf\u00e9.txt", "cafe\u0301.txt"],
  ])("twins by %s are both here, or refused where the disk takes them for one", async (_, one, other) => {
    await open({ ...config, [one]: "one", [other]: "other" });
    const ended = await referee.fetch(model);
    if (foldsNames(one, other)) return expect(ended).toMatchObject({ state: "failed", error: { code: "unsupported" } });
    expect(ended).toMatchObject({ state: "completed", filesDone: 3 });
    expect(String(await contentOf(referee.cache, model, ended.commit as string, one))).toBe("one");
    expect(String(await contentOf(referee.cache, model, ended.commit as string, other))).toBe("other");
  });

  test("a file where another name needs a folder is refused", async () => {
    await open({ ...config, notes: "file", "notes/deep.txt": "below" });
    expect(await referee.fetch(model)).toMatchObject({ state: "failed", error: { code: "unsupported" } });
  });
});

describe("referee case 9: scale", () => {
  test(
    "thousands of files over several pages of the list come once each",
    async () => {
      const count = trials(1200, 5000);
      const paths = Array.from({ length: count }, (_, index) => `data/${index % 40}/part-${index}.txt`);
      await open(Object.fromEntries(paths.map((path, index) => [path, `part ${index}`])), {
        pageSizes: { tree: Math.ceil(count / 5) },
      });
      const done = await referee.fetch(model);
      expect(done).toMatchObject({ state: "completed", filesDone: count, filesTotal: count });
      expect(referee.hub.requests.filter(({ path }) => path.includes("/tree/")).length).toBeGreaterThanOrEqual(5);
      expect(referee.hub.requests.filter(({ path }) => path.includes("/resolve/"))).toHaveLength(count);
      expect(await faultsOf(referee.cache, model, done)).toEqual([]);
      expect((await listing(join(repositoryFolder(referee.cache, model), "snapshots"))).length).toBeGreaterThan(count);
    },
    trials(180_000, 180_000),
  );

  test("a pull request's revision, a tag and a commit are each their own", async () => {
    await open(config);
    const main = (
      await referee.hub.addRepo({
        ...rangedRepo(model, 9, 1000),
        branches: { "refs/pr/1": { "config.json": "pr" }, "v1.0": { "config.json": "v1" } },
      })
    ).sha;
    const root = repositoryFolder(referee.cache, model);
    for (const [revision, content] of [
      ["refs/pr/1", "pr"],
      ["v1.0", "v1"],
      [main, '{"model_type":"llama"}'],
    ] as const) {
      const done = await referee.fetch(model, { revision });
      expect(done).toMatchObject({ state: "completed", revision });
      expect(String(await contentOf(referee.cache, model, done.commit as string, "config.json"))).toBe(content);
    }
    expect(await listing(join(root, "refs"))).toEqual(["refs/", "refs/pr/", "refs/pr/1", "v1.0"]);
  });
});

describe("referee case 9: a mirror whose links name the original host", () => {
  /** The public Hub cannot be reached from a test: whoever goes there fails. */
  const original = "https://huggingface.co";
  const token = "mirror-token";

  test("the list's links and the files' redirects stay on the mirror", async () => {
    await open(
      rangedRepo(model, 3).files,
      { pageSizes: { tree: 1 }, tokens: { [token]: { name: "ann" } } },
      { environment: { HF_TOKEN: token } },
    );
    referee.hub.faults.add({ kind: "foreign-link", origin: original, path: "/tree/" });
    referee.hub.faults.add({ kind: "foreign-link", origin: original, path: "/resolve/", file: /\.(json|txt)$/ });
    expect(await referee.fetch(model)).toMatchObject({ state: "completed", filesDone: 3 });
    const asked = referee.hub.requests.filter(({ server }) => server === "hub");
    expect(asked.every(({ headers }) => headers.authorization === `Bearer ${token}`)).toBe(true);
  });

  test("a mirror that sends everything on to the original host is told apart from a model that does not exist", async () => {
    await open(rangedRepo(model, 3).files);
    referee.hub.faults.add({ kind: "redirect", origin: original, status: 308, path: "/api/models/" });
    const failed = await referee.fetch(model);
    expect(failed.state).toBe("failed");
    expect(["endpoint_not_a_hub", "hub_unreachable"]).toContain(failed.error?.code);
    expect(referee.hub.requests.length).toBeLessThan(40);
  });
});

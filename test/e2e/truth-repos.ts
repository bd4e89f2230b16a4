import { createHash } from "node:crypto";
import type { RepoDefinition } from "../fakes/fake-hub/index.ts";
import { tinyRepo } from "../fixtures/hub-repos.ts";
import { trials } from "../tools/counts.ts";

const mebibyte = 1024 * 1024;

/** A repository that has something which a client may get wrong, and the revision to ask for. */
export interface CraftedRepo {
  readonly title: string;
  readonly repo: RepoDefinition;
  readonly revision?: string;
  /** Names that only a file system which tells them apart can hold. */
  readonly twins?: readonly [string, string];
  /** What only we write, and why. */
  readonly onlyOurs?: { readonly names: RegExp; readonly reason: string };
}

/** Ten repositories, from plain to mean. */
export function craftedRepos(): CraftedRepo[] {
  const shards = [1, 2, 3].map((seed): [string, { size: number; seed: number }] => [
    `model-0000${seed}-of-00003.safetensors`,
    { size: (seed === 2 ? 40 : 3) * mebibyte + seed, seed },
  ]);
  const index = { metadata: { total_size: 1 }, weight_map: Object.fromEntries(shards.map(([name]) => [name, name])) };
  const many = trials(400, 5000);
  return [
    { title: "a plain model", repo: tinyRepo("truth/plain") },
    {
      title: "a model of three shards",
      repo: tinyRepo("truth/sharded", {
        files: { ...Object.fromEntries(shards), "model.safetensors.index.json": JSON.stringify(index) },
      }),
    },
    {
      title: "nested folders",
      repo: tinyRepo("truth/nested", {
        files: { "a/b/c/d/e/deep.json": "{}", "a/b/other.txt": "b", "a/model.safetensors": { size: 5000, seed: 3 } },
      }),
    },
    {
      title: "number signs, percent signs, spaces and what else a URL trips over",
      repo: tinyRepo("truth/odd-names", {
        files: Object.fromEntries(
          [
            ...[
              "a#b.txt",
              "100%25.txt",
              "50%.txt",
              "with spaces  two.txt",
              "plus+and&.txt",
              "semi;colon,.txt",
              "[x]{y}.txt",
            ],
            ...[
              "what?.txt",
              "..hidden",
              ".dot/.file",
              "-dash.txt",
              "~tilde.txt",
              "quote'd.txt",
              "run.sh",
              "模型/权重.txt",
            ],
          ].map((name) => [name, `content of ${name}`]),
        ),
      }),
    },
    {
      title: "twins in Unicode's two forms",
      repo: tinyRepo("truth/twins", { files: { "caf\u00e9.txt": "composed", "cafe\u0301.txt": "decomposed" } }),
      twins: ["caf\u00e9.txt", "cafe\u0301.txt"],
    },
    {
      title: "thousands of files over several pages of the list",
      repo: {
        id: "truth/many",
        files: Object.fromEntries(
          Array.from({ length: many }, (_, number) => [`part/${number % 50}/${number}.txt`, `part ${number}`]),
        ),
      },
    },
    {
      title: "a pull request's revision",
      repo: {
        ...tinyRepo("truth/request"),
        branches: { "refs/pr/1": { ...tinyRepo("truth/request").files, "new.txt": "n" } },
      },
      revision: "refs/pr/1",
    },
    { title: "files with Xet hashes", repo: tinyRepo("truth/xet", { xetHash: true }) },
    {
      title: "empty files and files of the same content",
      repo: tinyRepo("truth/same", {
        files: {
          ...{ "empty.txt": "", "also-empty.json": "", "one.txt": "same", "deep/er/two.txt": "same" },
          ...{ "w1.safetensors": { size: 70_000, seed: 4 }, "deep/w2.safetensors": { size: 70_000, seed: 4 } },
        },
      }),
    },
    {
      title: "a listing that hides a Xet hash",
      repo: tinyRepo("truth/redacted", {
        xetHash: (path) => (path === "tokenizer.json" ? "redacted" : createHash("sha256").update(path).digest("hex")),
      }),
      onlyOurs: {
        names: /^trees(\/|$)/,
        reason: "Python drops its listing because of one hash that is no hash; ours leaves out the hash alone.",
      },
    },
  ];
}

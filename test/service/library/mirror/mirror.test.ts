import { createHash } from "node:crypto";
import { symlink, unlink, writeFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { listFiles, listModels, modelInfo, pathsInfo } from "@huggingface/hub";
import { demoRepo, tinyRepo } from "../../../fixtures/hub-repos.ts";
import { startMirrorWorld } from "./mirror-world.ts";
import type { MirrorWorld } from "./mirror-world.ts";

const odd = { "a b/c#d.txt": "one\n", "x%25y.txt": "two\n", "\u00e9.txt": "three\n", "empty.txt": "" };
const many = Object.fromEntries(Array.from({ length: 1200 }, (_, index) => [`many/${index}.txt`, `${index}\n`]));
const card = "---\nlicense: mit\ntags:\n- mlx\n- tiny-tag\nbase_model: own/base\n---\n# Tiny\n";

let world: MirrorWorld;
let sha: string;
beforeAll(async () => {
  world = await startMirrorWorld({
    repos: [
      tinyRepo("own/tiny", { files: { ...odd, "README.md": card } }),
      tinyRepo("gpt2"),
      tinyRepo("own/many", { files: many }),
      await demoRepo(),
    ],
  });
  for (const model of ["own/tiny", "_/gpt2", "own/many", "mlx-community/demo-4bit"]) await world.download(model);
  sha = world.service.service.models.locate("own/tiny", "main").revision;
}, 120_000);
afterAll(() => world.close());

const hubUrl = () => `${world.service.address}/hub`;
const get = async (path: string, options = {}) => (await world.ask(`/hub${path}`, options)).json as never;
const errorOf = (answer: { json: unknown }) => (answer.json as { error: { code: string; message: string } }).error;

describe("models", () => {
  test("are listed newest first, page by page, each once", async () => {
    const seen: string[] = [];
    let path: string | null = "/hub/api/models?limit=1&expand=sha&expand=tags";
    while (path !== null) {
      const answer = await world.ask(path);
      const page = answer.json as { id: string; tags: string[] }[];
      expect(page).toHaveLength(1);
      seen.push(page[0]!.id);
      const link: string | undefined = /^<([^>]+)>; rel="next"$/.exec(String(answer.headers["link"] ?? ""))?.[1];
      if (link !== undefined) expect(link.startsWith(`${world.service.address}/hub/api/models?`)).toBe(true);
      path = link === undefined ? null : link.slice(world.service.address.length);
    }
    expect([...seen].sort()).toEqual(["gpt2", "mlx-community/demo-4bit", "own/many", "own/tiny"]);
    expect(seen).toEqual(
      (world.service.service.models.all() as { id: string; source: string }[])
        .filter(({ source }) => source === "hub-cache")
        .map(({ id }) => id.replace(/^_\//, "")),
    );
  });

  test.each<[string, string[]]>([
    ["search=TINY", ["own/tiny"]],
    ["search=own&search=many", ["own/many"]],
    ["author=own&sort=lastModified", ["own/many", "own/tiny"]],
    ["filter=mlx&filter=tiny-tag", ["own/tiny"]],
    ["filter=license:mit&author=own", ["own/tiny"]],
    ["pipeline_tag=text-generation&author=own", ["own/many", "own/tiny"]],
    ["pipeline_tag=image-text-to-text", []],
    ["num_parameters=min:1B", []],
    ["gated=true", []],
    ["search=constructor&expand=constructor", []],
  ])("?%s", async (query, ids) => {
    const found: { id: string }[] = await get(`/api/models?${query}`);
    expect(found.map(({ id }) => id).sort()).toEqual(ids);
  });

  test("the library for JavaScript reads the list, a model, its files and paths", async () => {
    const listed = [];
    for await (const entry of listModels({
      search: { owner: "own", tags: ["mlx"] },
      additionalFields: ["config", "safetensors", "tags", "sha"],
      hubUrl: hubUrl(),
    }))
      listed.push(entry);
    expect(listed.map(({ name }) => name).sort()).toEqual(["own/many", "own/tiny"]);
    const tiny = listed.find(({ name }) => name === "own/tiny");
    expect(tiny).toMatchObject({ sha, gated: false, private: false, config: { model_type: "llama" } });
    expect(tiny?.safetensors).toEqual({ parameters: { U32: 2048, BF16: 576 }, total: 2624 });
    expect(tiny?.updatedAt.getTime()).toBeGreaterThan(0);
    const info = await modelInfo({ name: "gpt2", hubUrl: hubUrl(), additionalFields: ["sha", "tags"] });
    expect(info.tags).toContain("mlx");
    const files = [];
    for await (const entry of listFiles({ repo: "own/many", recursive: true, hubUrl: hubUrl() }))
      files.push(entry.path);
    expect(files.filter((path) => path.startsWith("many/"))).toHaveLength(1200);
    expect(new Set(files).size).toBe(files.length);
    const paths = ["README.md", "a b", "a b/c#d.txt", "nothing"];
    const found = await pathsInfo({ repo: "own/tiny", paths, hubUrl: hubUrl() });
    expect(found.map(({ path, type }) => `${type} ${path}`)).toEqual([
      ...["file README.md", "directory a b", "file a b/c#d.txt"],
    ]);
  });

  test("answer as the Hub they came from: commit, sizes, checksums, files and folders", async () => {
    const fields = ({ sha: commit, siblings }: { sha: string; siblings: { rfilename: string }[] }) => ({
      commit,
      siblings: [...siblings].sort((a, b) => (a.rfilename < b.rfilename ? -1 : 1)),
    });
    const hubAnswer = async (path: string) => (await (await fetch(`${world.hub.url}${path}`)).json()) as never;
    for (const path of ["/api/models/own/tiny?blobs=true", "/api/models/gpt2/revision/main?blobs=true"])
      expect(fields(await get(path))).toEqual(fields(await hubAnswer(path)));
    for (const path of [
      "/api/models/own/tiny/tree/main",
      "/api/models/own/tiny/tree/main?recursive=true",
      `/api/models/own/tiny/tree/${sha}/a%20b`,
      "/api/models/gpt2/tree/main/extra?recursive=1",
    ])
      expect([path, await get(path)]).toEqual([path, await hubAnswer(path)]);
  });

  test("say their tags, card, library and dates", async () => {
    expect(await get("/api/models/own/tiny")).toMatchObject({
      ...{ id: "own/tiny", modelId: "own/tiny", author: "own", sha, private: false, gated: false, disabled: false },
      tags: expect.arrayContaining(["mlx", "tiny-tag", "safetensors", "llama", "license:mit", "base_model:own/base"]),
      cardData: { license: "mit", tags: ["mlx", "tiny-tag"], base_model: "own/base" },
      ...{ library_name: "mlx", pipeline_tag: "text-generation" },
      lastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(
      Object.keys(await get("/api/models/own/tiny?expand=sha&expand[]=likes&expand=trendingScore")).sort(),
    ).toEqual(["_id", "id", "likes", "sha"]);
  });

  test("have refs, and more than one revision where more than one is here", async () => {
    await world.hub.updateRepo("own/tiny", { branch: "refs/pr/1", files: { "extra.txt": "x" } });
    const { commit } = await world.download("own/tiny", "refs/pr/1");
    expect(await get("/api/models/own/tiny/refs")).toEqual({
      branches: [{ name: "main", ref: "refs/heads/main", targetCommit: sha }],
      ...{ tags: [], converts: [] },
      pullRequests: [{ name: "refs/pr/1", ref: "refs/pr/1", targetCommit: commit }],
    });
    for (const revision of ["refs%2Fpr%2F1", "refs/pr/1", commit])
      expect(await get(`/api/models/own/tiny/revision/${revision}?expand=sha`)).toMatchObject({ sha: commit });
    const answer = await world.ask("/hub/own/tiny/resolve/refs%2Fpr%2F1/extra.txt");
    expect(answer).toMatchObject({ status: 200, text: "x", headers: { "x-repo-commit": commit } });
    expect((await world.ask("/hub/own/tiny/resolve/main/extra.txt")).status).toBe(404);
  });

  test("built into the service, or lying elsewhere, are not served", async () => {
    const answer = await world.ask("/hub/api/models/mlx-manager/demo");
    expect(answer).toMatchObject({ status: 404, headers: { "x-error-code": "RepoNotFound" } });
  });
});

describe("a file", () => {
  const etag = (content: string) => createHash("sha1").update(`blob ${content.length}\0${content}`).digest("hex");
  const path = "/hub/own/tiny/resolve/main/README.md";

  test("comes whole with its facts in the headers, and HEAD answers the same without it", async () => {
    const whole = await world.ask(path);
    expect(whole).toMatchObject({ status: 200, text: card });
    expect(whole.headers).toMatchObject({
      etag: `"${etag(card)}"`,
      "x-linked-etag": `"${etag(card)}"`,
      "x-linked-size": String(card.length),
      "content-length": String(card.length),
      "accept-ranges": "bytes",
      "x-repo-commit": sha,
      "content-disposition": `attachment; filename="README.md"; filename*=UTF-8''README.md`,
      "x-content-type-options": "nosniff",
    });
    const head = await world.ask(path, { method: "HEAD" });
    expect({ status: head.status, text: head.text }).toEqual({ status: 200, text: "" });
    for (const name of ["etag", "content-length", "x-linked-size", "x-repo-commit", "accept-ranges"])
      expect(head.headers[name]).toBe(whole.headers[name]);
    const weights = await world.ask("/hub/own/tiny/resolve/main/model.safetensors", { method: "HEAD" });
    expect(weights.headers["etag"]).toMatch(/^"[0-9a-f]{64}"$/);
  });

  test.each<[string, number, string, string]>([
    ["bytes=0-2", 206, "---", `bytes 0-2/${card.length}`],
    ["bytes=-5", 206, "Tiny\n", `bytes ${card.length - 5}-${card.length - 1}/${card.length}`],
    [`bytes=${card.length}-`, 416, "", `bytes */${card.length}`],
  ])("Range: %s", async (range, status, text, contentRange) => {
    const answer = await world.ask(path, { headers: { range } });
    expect(answer).toMatchObject({ status, text, headers: { "content-range": contentRange } });
  });

  test("that the client has is not sent again", async () => {
    const answer = await world.ask(path, { headers: { "if-none-match": `"${etag(card)}"` } });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 304, text: "" });
  });

  test.each(Object.entries(odd))("with the name %j", async (name, content) => {
    const encoded = name.split("/").map(encodeURIComponent).join("/");
    expect(await world.ask(`/hub/own/tiny/resolve/main/${encoded}`)).toMatchObject({ status: 200, text: content });
    expect((await world.ask(`/hub/own/tiny/resolve/main/${encoded}`, { method: "HEAD" })).status).toBe(200);
  });

  test("is found by either Unicode form of its name", async () => {
    const answer = await world.ask(`/hub/own/tiny/resolve/main/${encodeURIComponent("e\u0301.txt")}`);
    expect(answer).toMatchObject({ status: 200, text: "three\n" });
  });

  test("of many megabytes arrives byte by byte as it is", async () => {
    const answer = await fetch(`${hubUrl()}/mlx-community/demo-4bit/resolve/main/model.safetensors`);
    const hash = createHash("sha256")
      .update(Buffer.from(await answer.arrayBuffer()))
      .digest("hex");
    expect(answer.headers.get("etag")).toBe(`"${hash}"`);
  });
});

describe("what is not there", () => {
  test.each<[string, string, string]>([
    ["/api/models/own/nothing", "RepoNotFound", "model_not_found"],
    ["/own/nothing/resolve/main/README.md", "RepoNotFound", "model_not_found"],
    ["/api/models/own/tiny/revision/nothing", "RevisionNotFound", "revision_not_found"],
    ["/own/tiny/resolve/nothing/README.md", "RevisionNotFound", "revision_not_found"],
    ["/own/tiny/resolve/main/nothing.txt", "EntryNotFound", "not_found"],
    ["/api/models/own/tiny/tree/main/nothing", "EntryNotFound", "not_found"],
    ["/api/models/own/tiny/tree/main/README.md", "EntryNotFound", "not_found"],
  ])("%s is %s", async (path, hubCode, code) => {
    for (const method of ["GET", "HEAD"]) {
      const answer = await world.ask(`/hub${path}`, { method });
      expect(answer).toMatchObject({ status: 404, headers: { "x-error-code": hubCode } });
      expect(answer.headers["x-error-message"]).toMatch(/\w/);
      if (method === "GET") expect(errorOf(answer).code).toBe(code);
      else expect(answer.text).toBe("");
    }
  });

  test("a file that the commit lacks is said so for good, one that is only not here is not", async () => {
    const absent = await world.ask("/hub/own/tiny/resolve/main/nothing.txt");
    expect(absent.headers["x-repo-commit"]).toBe(sha);
    const { models } = world.service.service;
    const { path } = models.locate("_/gpt2", "main");
    await unlink(join(path, "README.md"));
    await models.rescan("_/gpt2");
    const missing = await world.ask("/hub/gpt2/resolve/main/README.md");
    expect(missing).toMatchObject({ status: 404, headers: { "x-error-code": "EntryNotFound" } });
    expect(missing.headers["x-repo-commit"]).toBeUndefined();
  });

  test("an address that no client of the Hub asks is 404, another method 405", async () => {
    const answer = await world.ask("/hub/api/agent-harnesses");
    expect(answer.status).toBe(404);
    expect(answer.headers["x-error-code"]).toBeUndefined();
    expect(await world.ask("/hub/own/tiny/resolve/main/README.md", { method: "DELETE" })).toMatchObject({
      status: 405,
      headers: { allow: "GET" },
    });
  });

  test("a cursor that is none is refused", async () => {
    const answer = await world.ask("/hub/api/models?cursor=nonsense");
    expect(errorOf(answer).code).toBe("invalid_request");
  });
});

describe("nothing but the files of a revision can be read", () => {
  test.each([
    "../../../../refs/main",
    "..%2F..%2F..%2F..%2Frefs%2Fmain",
    "%2e%2e/%2e%2e/refs/main",
    "/etc/passwd",
    "%2Fetc%2Fpasswd",
    "README.md%00.txt",
    "a%20b/../README.md",
    "..%5C..%5Crefs%5Cmain",
  ])("%s", async (path) => {
    for (const revision of ["main", sha]) {
      const answer = await world.ask(`/hub/own/tiny/resolve/${revision}/${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
    }
  });

  test.each(["../../..", "..%2F..%2Frefs", "main%2F..%2F.."])("revision %s", async (revision) => {
    const answer = await world.ask(`/hub/own/tiny/resolve/${revision}/main`);
    expect(answer.status).toBe(404);
  });

  test("not by a link that leads out of the cache, be it named as a blob is", async () => {
    const { models } = world.service.service;
    const { path, revision } = models.locate("own/many", "main");
    const outside = join(world.service.home, "outside");
    const secret = createHash("sha256").update("secret").digest("hex");
    await mkdir(outside, { recursive: true });
    await writeFile(join(outside, secret), "secret");
    await symlink(join(outside, secret), join(path, "leak.txt"));
    await symlink(outside, join(path, "leak"));
    await models.rescan("own/many");
    for (const name of ["leak.txt", `leak/${secret}`]) {
      const answer = await world.ask(`/hub/own/many/resolve/${revision}/${name}`);
      expect([name, answer.status, answer.text.includes("secret")]).toEqual([name, 404, false]);
    }
    await unlink(join(path, "leak.txt"));
    await unlink(join(path, "leak"));
    await models.rescan("own/many");
  });
});

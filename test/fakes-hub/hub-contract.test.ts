import { createHash } from "node:crypto";

import { listFiles, listModels, parseSafetensorsMetadata, whoAmI } from "@huggingface/hub";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { startFakeHub } from "../fakes/fake-hub/index.ts";
import type { FakeHub } from "../fakes/fake-hub/index.ts";
import { catalog, tinyRepo } from "../fixtures/hub-repos.ts";

let hub: FakeHub;

beforeAll(async () => {
  hub = await startFakeHub({
    tokens: { hf_ann: { name: "ann", accepted: ["gated/open"] }, "mirror-token": { name: "bob" } },
    pageSizes: { models: 10, tree: 3 },
    repos: [
      tinyRepo("own/tiny", { branches: { "refs/pr/1": { "README.md": "proposed" } }, renamedFrom: ["old/tiny"] }),
      { id: "own/odd", files: { "a b#c%25.txt": "odd", "sub/ü.txt": "x" } },
      tinyRepo("gated/open", { gated: "auto" }),
      tinyRepo("gated/closed", { gated: "manual" }),
      tinyRepo("ann/private", { private: true }),
      ...catalog(60),
    ],
  });
});
afterAll(() => hub.close());

const get = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Response> =>
  fetch(new URL(path, hub.url), { headers, ...init });
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const refusal = (response: Response): unknown[] => [
  response.status,
  response.headers.get("x-error-code"),
  response.headers.get("x-error-message"),
];

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("ids", () => {
  test("commit, tree and blob ids are those git computes for the same content", async () => {
    await hub.addRepo({
      id: "git/check",
      files: { "a.txt": "x", "a/z.txt": "y", "a-b": "q", "sub/ü/k": "1", "w.safetensors": Buffer.alloc(100, 7) },
    });
    const info = await (await get("/api/models/git/check")).json();
    const tree = await collect(listFiles({ hubUrl: hub.url, repo: "git/check", recursive: true }));
    const oid = (path: string): string | undefined => tree.find((entry) => entry.path === path)?.oid;
    expect(info.sha).toBe("83921f2e1fb22506e7186c6659ad4729446df280");
    expect(oid("a")).toBe("429c3dfff3b9cd0abc54272851eb9cc18b3934a5");
    expect(oid("w.safetensors")).toBe("d3364e91b428a22055c3db439d5bc95bcde31e1d");
  });

  test("an update makes a new commit and keeps the old one readable", async () => {
    const before = await hub.addRepo(tinyRepo("own/moving"));
    const after = await hub.updateRepo("own/moving", { files: { "new.txt": "new" }, remove: ["README.md"] });
    expect(after.sha).not.toBe(before.sha);
    expect((await get(`/own/moving/resolve/${before.sha}/README.md`)).status).toBe(200);
    expect(refusal(await get("/own/moving/resolve/main/README.md"))[1]).toBe("EntryNotFound");
    expect(await (await get("/own/moving/resolve/main/new.txt")).text()).toBe("new");
  });
});

describe("files", () => {
  test("a git file is sent through a relative redirect to the resolve cache", async () => {
    const response = await get("/own/tiny/resolve/main/config.json", {}, { redirect: "manual" });
    expect(response.status).toBe(307);
    expect(response.headers.get("location")).toMatch(/^\/api\/resolve-cache\/models\/own\/tiny\/[0-9a-f]{40}\//);
    const followed = await get("/own/tiny/resolve/main/config.json");
    expect((await followed.json()).model_type).toBe("llama");
    expect((await get("/api/resolve-cache/models/own/tiny/main/config.json")).status).toBe(400);
  });

  test("an LFS file is sent from another host, and its facts are on the redirect", async () => {
    const response = await get("/own/tiny/resolve/main/model.safetensors", {}, { redirect: "manual", method: "HEAD" });
    const location = new URL(response.headers.get("location")!);
    expect(response.status).toBe(302);
    expect(location.origin).toBe(hub.cdnUrl);
    expect(location.hostname).not.toBe(new URL(hub.url).hostname);
    const bytes = Buffer.from(await (await fetch(location)).arrayBuffer());
    expect(response.headers.get("x-linked-size")).toBe(String(bytes.length));
    expect(response.headers.get("x-linked-etag")).toBe(`"${createHash("sha256").update(bytes).digest("hex")}"`);
    expect((await fetch(location, { headers: bearer("hf_ann") })).status).toBe(400);
    expect((await fetch(location.href.replace("Signature=", "Signature=x"))).status).toBe(403);
  });

  test("generated files have the same bytes in ranges as in one piece", async () => {
    const size = 3 * 1024 * 1024 + 17;
    await hub.addRepo({ id: "own/generated", files: { "model.safetensors": { size, seed: 9 } } });
    const path = "/own/generated/resolve/main/model.safetensors";
    const whole = Buffer.from(await (await get(path)).arrayBuffer());
    const cuts = [0, 1, 4095, 4099, 1024 * 1024 - 3, 2 * 1024 * 1024 + 5, size];
    const parts: Buffer[] = [];
    for (const [index, start] of cuts.slice(0, -1).entries()) {
      const response = await get(path, { range: `bytes=${start}-${cuts[index + 1]! - 1}` });
      expect(response.status).toBe(206);
      expect(response.headers.get("content-range")).toBe(`bytes ${start}-${cuts[index + 1]! - 1}/${size}`);
      parts.push(Buffer.from(await response.arrayBuffer()));
    }
    expect(Buffer.concat(parts).equals(whole)).toBe(true);
    const beyond = await get(path, { range: `bytes=${size}-` });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, `bytes */${size}`]);
  });

  test("odd names, pull requests and former ids are found", async () => {
    expect(await (await get(`/own/odd/resolve/main/${encodeURIComponent("a b#c%25.txt")}`)).text()).toBe("odd");
    expect(await (await get("/own/tiny/resolve/refs%2Fpr%2F1/README.md")).text()).toBe("proposed");
    expect((await (await get("/api/models/own/tiny/tree/refs/pr/1")).json()).length).toBe(1);
    expect((await (await get("/api/models/old/tiny")).json()).id).toBe("own/tiny");
  });
});

describe("lists", () => {
  test("the official client reads a search over several pages, and only the fields it asked for", async () => {
    const found = await collect(
      listModels({
        hubUrl: hub.url,
        search: { query: "qwen", owner: "mlx-community", tags: ["mlx"] },
        sort: "downloads",
        additionalFields: ["safetensors"],
      }),
    );
    expect(found.length).toBe(30);
    expect(found.map((model) => model.downloads)).toEqual(found.map((model) => model.downloads).sort((a, b) => b - a));
    const page = await get("/api/models?limit=2&filter=mlx&expand=likes");
    expect(page.headers.get("link")).toContain(`<${hub.url}/api/models?limit=2&filter=mlx&expand=likes&cursor=`);
    expect(Object.keys((await page.json())[0])).toEqual(["_id", "id", "likes"]);
    expect((await get("/api/models?expand=nonsense")).status).toBe(400);
  });

  test("the tree has pages, sizes and checksums; paths-info takes forms and JSON", async () => {
    const entries = await collect(listFiles({ hubUrl: hub.url, repo: "own/tiny", recursive: true }));
    expect(entries.map((entry) => entry.path)).toContain("extra/notes.txt");
    expect(entries.find((entry) => entry.path === "model.safetensors")?.lfs?.size).toBe(9728);
    const paths = { method: "POST", body: new URLSearchParams({ paths: "config.json", expand: "false" }) };
    expect((await (await get("/api/models/own/tiny/paths-info/main", {}, paths)).json()).length).toBe(1);
    const { parameterCount } = await parseSafetensorsMetadata({
      hubUrl: hub.url,
      repo: "own/tiny",
      computeParametersCount: true,
    });
    expect(parameterCount).toEqual({ U32: 16384, BF16: 64 });
  });
});

describe("access", () => {
  test("missing and private repositories look alike, and unlike a missing revision or file", async () => {
    const stranger = [401, "RepoNotFound", "Invalid username or password."];
    expect(refusal(await get("/api/models/own/none"))).toEqual(stranger);
    expect(refusal(await get("/api/models/ann/private"))).toEqual(stranger);
    const account = [404, "RepoNotFound", "Repository not found"];
    expect(refusal(await get("/api/models/ann/private", bearer("mirror-token")))).toEqual(account);
    expect((await get("/api/models/ann/private", bearer("hf_ann"))).status).toBe(200);
    expect(refusal(await get("/api/models/own/tiny/revision/nope"))[1]).toBe("RevisionNotFound");
    expect(refusal(await get("/own/tiny/resolve/main/nope.txt"))[1]).toBe("EntryNotFound");
  });

  test("gated content asks for a login, then for the licence; its facts stay public", async () => {
    const path = "/gated/closed/resolve/main/config.json";
    expect(refusal(await get(path)).slice(0, 2)).toEqual([401, "GatedRepo"]);
    expect(refusal(await get(path, bearer("hf_ann"))).slice(0, 2)).toEqual([403, "GatedRepo"]);
    expect((await get("/gated/open/resolve/main/config.json", bearer("hf_ann"))).status).toBe(200);
    expect((await get("/api/models/gated/closed/tree/main")).status).toBe(200);
  });

  test("a bad token is refused even for what is public", async () => {
    const invalid = [401, null, "Invalid credentials in Authorization header"];
    expect(refusal(await get("/api/models?limit=1", bearer("hf_stale")))).toEqual(invalid);
    expect(refusal(await get("/api/models/own/tiny", bearer("hf_stale")))).toEqual(invalid);
    expect((await whoAmI({ hubUrl: hub.url, accessToken: "hf_ann" })).name).toBe("ann");
  });

  test("quotas end in 429 with the seconds to wait, until the window is over", async () => {
    let time = 1_000_000;
    const strict = await startFakeHub({
      repos: [tinyRepo("own/tiny")],
      rateLimits: { api: { requests: 2, windowSeconds: 300 } },
      now: () => time,
    });
    const ask = (): Promise<Response> => fetch(`${strict.url}/api/models/own/tiny`);
    expect((await ask()).headers.get("ratelimit")).toBe('"api";r=1;t=300');
    await ask();
    time += 100_000;
    const refused = await ask();
    expect([refused.status, refused.headers.get("ratelimit")]).toEqual([429, '"api";r=0;t=200']);
    time += 200_000;
    expect((await ask()).status).toBe(200);
    await strict.close();
  });
});

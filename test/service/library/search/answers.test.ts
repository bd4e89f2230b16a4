import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { RepoDefinition } from "../../../fakes/fake-hub/repo-definition.ts";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { addRevision } from "../models/hub-cache.ts";
import { startSearchRig } from "./search-rig.ts";
import type { SearchRig } from "./search-rig.ts";

const base = "org/base-1B";
const conversion = (bits: number, change: Partial<RepoDefinition> = {}): RepoDefinition => {
  const config = {
    ...configOf(),
    quantization: { group_size: 64, bits },
    quantization_config: { group_size: 64, bits },
  };
  const card = `---\nbase_model: ${base}\n---\n# ${bits} bits\n`;
  return tinyRepo(`mlx-community/base-1B-${bits}bit`, {
    ...{ config, seed: bits, cardData: { base_model: base, license: "mit" }, downloads: 10 * bits },
    files: { "config.json": JSON.stringify(config), "README.md": card },
    ...change,
  });
};
const configOf = (): Record<string, unknown> => ({ ...tinyRepo("x/y").config });
/** Many with equal keys, so that only the id orders them. */
const many = Array.from({ length: 130 }, (_, index) =>
  tinyRepo(`many/model-${String(index).padStart(3, "0")}`, { downloads: Math.floor(index / 40), seed: 7 }),
);
const hostile = tinyRepo("org/hostile", {
  files: {
    "README.md": [
      "---\ntitle: x\n---\n# Fine",
      '<script>alert(1)</script><img src="pic.png" onerror="alert(2)">',
      "[bad](javascript:alert(3)) [good](docs/more.md) ![pic](images/a.png)",
      '<a href="java&#115;cript:alert(4)">click</a> <iframe src="https://evil.example"></iframe>',
      "| a | b |\n| - | - |\n| 1 | 2 |",
    ].join("\n\n"),
  },
});

let rig: SearchRig;
beforeAll(async () => {
  const repos = [conversion(3), conversion(4), conversion(8), ...many, hostile];
  rig = await startSearchRig({ repos, environment: { MLX_MANAGER_HF_ORGANIZATION: "" } });
}, 120_000);
afterEach(() => rig.hub.reset());
afterAll(() => rig.close());

const allOf = async (query: string): Promise<string[]> => {
  const ids: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page = await rig.search(`${query}${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return ids;
};

describe("pages by a cursor", () => {
  test.each(["downloads", "likes", "updated", "created", "trending", "size"])(
    "sorted by %s repeat and lose nothing, also among equals",
    async (sort) => {
      const ids = await allOf(`query=many/&limit=17&sort=${sort}`);
      expect([ids.length, new Set(ids).size]).toEqual([130, 130]);
    },
  );

  test("repeat and lose nothing that stays, when others come and go between two pages", async () => {
    const first = await rig.search("query=many/&limit=40&sort=downloads");
    await rig.hub.addRepo(tinyRepo("many/newcomer", { downloads: 99 }));
    rig.hub.removeRepo(first.items[3]?.id ?? "");
    const ids = first.items.map(({ id }) => id);
    let cursor = first.nextCursor;
    while (cursor !== null) {
      const page = await rig.search(`query=many/&limit=40&sort=downloads&cursor=${encodeURIComponent(cursor)}`);
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect([new Set(ids).size, ids.length]).toEqual([130, 130]);
    rig.hub.removeRepo("many/newcomer");
    await rig.hub.addRepo(tinyRepo(first.items[3]?.id ?? "", { downloads: 3 }));
  });

  test("of another question are refused", async () => {
    const { nextCursor } = await rig.search("query=many/&limit=5");
    expect(await rig.refusal(`/api/hub/models?query=other&cursor=${nextCursor}`)).toEqual([400, "invalid_request"]);
  });
});

describe("filters", () => {
  test("keep what is known to pass, and nothing else", async () => {
    await Promise.all([3, 4, 8].map((bits) => rig.page(`mlx-community/base-1B-${bits}bit`)));
    const ids = async (query: string) => (await rig.search(`query=base-1B&${query}`)).items.map(({ id }) => id).sort();
    expect(await ids("bits=4,8")).toEqual(["mlx-community/base-1B-4bit", "mlx-community/base-1B-8bit"]);
    expect(await ids("architecture=llama")).toHaveLength(3);
    expect(await ids("architecture=qwen3")).toEqual([]);
    expect(await ids("capability=chat")).toHaveLength(3);
    expect(await ids("capability=chat,vision")).toEqual([]);
    expect(await ids("fits=true&context=1024")).toHaveLength(3);
    expect(await ids("sizeMin=100000000")).toEqual([]);
    expect(await ids("sizeMax=100000000")).toHaveLength(3);
  });

  test("that leave too little ask the Hub for more, but not without end", async () => {
    const page = await rig.search("query=many/&architecture=qwen3&limit=10");
    expect(page.items).toEqual([]);
    expect(rig.lists()).toBeLessThanOrEqual(5);
  });
});

describe("siblings", () => {
  test("are the conversions of the same base, most bits first, the best that fits marked", async () => {
    const { base: found, items } = await rig.siblings("mlx-community/base-1B-4bit");
    expect(found).toBe(base);
    expect(items.map(({ id, recommended }) => [id, recommended])).toEqual([
      ["mlx-community/base-1B-8bit", true],
      ["mlx-community/base-1B-4bit", false],
      ["mlx-community/base-1B-3bit", false],
    ]);
  });

  test("of a model without a base are that model alone", async () => {
    const { items } = await rig.siblings("many/model-001");
    expect(items.map(({ id }) => id)).toEqual(["many/model-001"]);
  });
});

test("a card is shown without HTML, scripts and their links, its own links made whole", async () => {
  const { card, revision } = await rig.page("org/hostile");
  expect(card).toContain("# Fine");
  expect(card).not.toMatch(/<script|<iframe|<a |onerror|javascript:|alert\(1\)/i);
  expect(card).toContain(`/org/hostile/blob/${revision}/docs/more.md`);
  expect(card).toContain(`${rig.hub.url}/org/hostile/resolve/${revision}/images/a.png`);
  expect(card).toMatch(/\| 1 +\| 2 +\|/);
});

describe("a Hub that does not answer", () => {
  test("is replaced by its earlier answer, marked and with the reason", async () => {
    const before = await rig.search("query=base-1B&limit=3");
    rig.later(120_000);
    rig.hub.faults.add({ kind: "rate-limit", seconds: 300, server: "hub" });
    const page = await rig.search("query=base-1B&limit=3");
    expect(page).toMatchObject({ source: "cache", stale: true, problem: { code: "rate_limited" } });
    expect(page.items.map(({ id }) => id)).toEqual(before.items.map(({ id }) => id));
  }, 120_000);

  test("in time is replaced too, and its late answer is used from then on", async () => {
    rig.later(120_000);
    rig.hub.faults.add({ kind: "latency", milliseconds: 3000, server: "hub", path: "/api/models?" });
    const page = await rig.search("query=base-1B&limit=3");
    expect([page.source, page.stale]).toEqual(["cache", true]);
    await rig.hub.waitForRequest(({ path, outcome }) => path === "/api/models" && outcome === "finished");
  });

  test("and rate limits what nobody has asked before, is an error with its code", async () => {
    rig.hub.faults.add({ kind: "rate-limit", seconds: 300, server: "hub" });
    expect(await rig.refusal("/api/hub/models/org/never")).toEqual([429, "rate_limited"]);
  });
});

describe("offline", () => {
  test("answers from the library and from earlier details, without a request", async () => {
    const hub = await startFakeHub({ repos: [tinyRepo("org/tiny")] });
    const offline = await startSearchRig({ repos: [], hub, environment: { MLX_MANAGER_OFFLINE_MODE: "true" } });
    await addRevision(offline.service.config.hubCachePath, { id: "org/tiny" });
    await offline.service.service.models.rescan();
    const page = await offline.search("query=tiny");
    expect(page).toMatchObject({ source: "local", items: [{ id: "org/tiny", here: true }], nextCursor: null });
    expect(await offline.page("org/tiny")).toMatchObject({ id: "org/tiny", here: true, sizeIsEstimate: false });
    expect(await offline.refusal("/api/hub/models/org/other")).toEqual([503, "offline"]);
    expect(hub.requests).toEqual([]);
    await offline.close();
    await hub.close();
  });
});

import { describe, expect, test } from "@jest/globals";
import { bySpecificity, matchesPattern } from "../../../../service/src/contract/name-patterns.ts";
import { emptyParts } from "../../../../service/src/contract/profiles.ts";
import type { Profile } from "../../../../service/src/contract/profiles.ts";
import { lookUpName, resolveName, resolveWithoutAliases } from "../../../../service/src/serving/profiles/resolver.ts";
import type { Names } from "../../../../service/src/serving/profiles/resolver.ts";
import { chooseDefault } from "../../../../service/src/serving/profiles/default-model.ts";

const qwen = profile("qwen", null, "mlx-community/Qwen3-4B-4bit");
const demo = profile("demo", null, "mlx-manager/demo");
const coder = profile("coder", "coder", "mlx-community/Qwen3-4B-4bit", "abc123");

const names: Names = {
  profileBySlug: (slug) => (slug === "coder" ? coder : null),
  implicitProfile: (model) => [qwen, demo].find((each) => each.model === model) ?? null,
  aliases: {
    "gpt-4o": "coder",
    fast: "mlx-manager/demo",
    pinned: "mlx-manager/demo@v1",
    loop: "loop",
    chain: "gpt-4o",
    gone: "nobody/here",
    "mlx-manager/demo": "coder",
    "claude-*": "coder",
    "claude-*-haiku*": "mlx-manager/demo",
    "claude-*-haiku-4*": "coder",
    "o?-*": "coder",
    "*/vl-*": "mlx-manager/demo@v1",
    "dead-*": "nobody/here",
    "dead-*-but-longer": "coder",
    "dead-alias": "nobody/here",
    "dead-al*": "coder",
  },
  defaultName: "mlx-manager/demo",
};

describe("what a name means", () => {
  test.each([
    ["a slug", "coder", coder, "abc123", "slug"],
    ["a model id", "mlx-community/Qwen3-4B-4bit", qwen, "main", "model"],
    ["a model id before an alias of the same name", "mlx-manager/demo", demo, "main", "model"],
    ["a model id with a revision", "mlx-manager/demo@refs/pr/3", demo, "refs/pr/3", "revision"],
    ["an alias of a slug", "gpt-4o", coder, "abc123", "alias"],
    ["an alias of a model id", "fast", demo, "main", "alias"],
    ["an alias of a revision", "pinned", demo, "v1", "alias"],
    ["anthropic/ and a model id", "anthropic/mlx-manager/demo", demo, "main", "anthropic"],
    ["anthropic/ and a slug", "anthropic/coder", coder, "abc123", "anthropic"],
    ["anthropic/ and an alias", "anthropic/fast", demo, "main", "anthropic"],
    ["a slug with :latest", "coder:latest", coder, "abc123", "latest"],
    ["a model id with :latest", "mlx-manager/demo:latest", demo, "main", "latest"],
    ["an alias with :latest", "fast:latest", demo, "main", "latest"],
    ["a pattern", "claude-sonnet-4-5", coder, "abc123", "pattern"],
    ["the more specific pattern", "claude-3-haiku-20240307", demo, "main", "pattern"],
    ["the most specific pattern", "claude-3-haiku-4x", coder, "abc123", "pattern"],
    ["a pattern without anthropic/", "anthropic/claude-opus-5", coder, "abc123", "pattern"],
    ["a pattern without :latest", "claude-opus-5:latest", coder, "abc123", "pattern"],
    ["a pattern over a slash", "some/vl-model", demo, "v1", "pattern"],
    ["a pattern besides a dead one", "dead-x-but-longer", coder, "abc123", "pattern"],
    ["no name", null, demo, "main", "default"],
    ["an absent name", undefined, demo, "main", "default"],
    ["an empty name", "", demo, "main", "default"],
  ] as const)("%s is understood", (_what, name, expected, revision, by) => {
    expect(resolveName(name, names)).toMatchObject({ profile: expected, revision, by });
  });

  test.each([
    "nobody/here",
    "mlx-manager/Demo",
    "CODER",
    "Claude-sonnet-4-5",
    "o1-mini",
    "dead-one",
    "dead-alias",
    "mlx-manager/demo@",
    "mlx-manager/demo@../../etc",
    "coder@v1",
    "anthropic/nobody/here",
    "loop",
    "chain",
    "gone",
    "constructor",
    "__proto__",
    "../../etc/passwd",
    ":latest",
    "coder:latest:latest",
  ])("%s means nothing, and no other model is put in its place", (name) => {
    expect(resolveName(name, names)).toBeNull();
  });

  test("an alias says which it was, and one whose target is gone ends the search with its name", () => {
    expect(resolveName("fast", names)).toMatchObject({ by: "alias", alias: "fast" });
    expect(resolveName("claude-3-haiku", names)).toMatchObject({ by: "pattern", alias: "claude-*-haiku*" });
    expect(resolveName("coder", names)).not.toHaveProperty("alias");
    expect(lookUpName("dead-alias", names)).toEqual({
      ...{ found: null, dead: { alias: "dead-alias", target: "nobody/here" } },
      tried: ["slug", "model", "revision", "alias"],
    });
    expect(lookUpName("dead-one", names).dead).toEqual({ alias: "dead-*", target: "nobody/here" });
    expect(lookUpName("nobody", names)).toMatchObject({ found: null, dead: null });
  });

  test("no pattern hides a slug, a model, an exact alias or their long forms", () => {
    const greedy = { ...names, aliases: { ...names.aliases, "*": "mlx-manager/demo@v1", "anthropic/*": "coder" } };
    for (const name of ["coder", "mlx-community/Qwen3-4B-4bit", "gpt-4o", "anthropic/fast", "coder:latest"])
      expect(resolveName(name, greedy)).toEqual(resolveName(name, names));
    expect(resolveName("whatever", greedy)).toMatchObject({ by: "pattern", alias: "*", revision: "v1" });
    expect(resolveName("anthropic/whatever", greedy)).toMatchObject({ alias: "anthropic/*", profile: coder });
  });

  test("no name means nothing where there is no default, or where the default is gone", () => {
    expect(resolveName(null, { ...names, defaultName: null })).toBeNull();
    expect(resolveName(null, { ...names, defaultName: "nobody/here" })).toBeNull();
  });

  test("without aliases only the other rules answer", () => {
    expect(resolveWithoutAliases("gpt-4o", names)).toBeNull();
    expect(resolveWithoutAliases("coder", names)?.by).toBe("slug");
  });
});

describe("patterns", () => {
  test.each([
    ["*", "", true],
    ["*", "any/thing", true],
    ["claude-*", "claude-", true],
    ["claude-*", "claude", false],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["a*bc*c", "abcc", true],
    ["a*bc*c", "abc", false],
    ["**", "x", true],
    ["a.c*", "abc", false],
    ["exact", "exact", true],
    ["exact", "exactly", false],
  ])("%s and %j: %p", (pattern, name, fits) => expect(matchesPattern(pattern, name)).toBe(fits));

  test("are sorted by what they spell out, exact names first", () => {
    const sorted = ["gpt-4", "claude-*-haiku*", "claude-*", "gpt-*", "*-a", "*"];
    expect([...sorted].reverse().sort(bySpecificity)).toEqual([...sorted.slice(0, 3), "gpt-*", "*-a", "*"]);
  });

  test("made to be slow are not", () => {
    expect(matchesPattern("*a".repeat(90) + "b", "a".repeat(200_000))).toBe(false);
  });
});

describe("the default model", () => {
  const older = { id: "b/old", demo: false, complete: true, addedAt: "2026-01-01T00:00:00.000Z" };
  const newer = { id: "a/new", demo: false, complete: true, addedAt: "2026-02-01T00:00:00.000Z" };
  const half = { id: "c/half", demo: false, complete: false, addedAt: "2025-01-01T00:00:00.000Z" };
  const builtIn = { id: "mlx-manager/demo", demo: true, complete: true, addedAt: "2024-01-01T00:00:00.000Z" };

  test("is what the setting says, here or not", () => {
    expect(chooseDefault("x/y", [older])).toBe("x/y");
  });
  test("is the first real complete model", () => {
    expect(chooseDefault(null, [builtIn, half, newer, older])).toBe("b/old");
  });
  test("is the demo while there is no real one, and nothing on an empty machine", () => {
    expect(chooseDefault(null, [half, builtIn])).toBe("mlx-manager/demo");
    expect(chooseDefault(null, [half])).toBeNull();
  });
});

function profile(id: string, slug: string | null, model: string, revision = "main"): Profile {
  const times = { createdAt: "2026-01-01T00:00:00.000Z", updatedAt: "2026-01-01T00:00:00.000Z" };
  const fixed = {
    implicit: slug === null,
    engine: "mlx-lm",
    engineOptions: {},
    sampling: {},
    systemPrompt: null,
    ...emptyParts,
  } as const;
  return { id, slug, name: slug ?? model, model, revision, ...fixed, ...times };
}

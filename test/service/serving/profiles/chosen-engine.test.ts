import { describe, expect, test } from "@jest/globals";
import { emptyParts } from "../../../../service/src/contract/profiles.ts";
import { ProfileCreate } from "../../../../service/src/contract/profiles.ts";
import { engineOf } from "../../../../service/src/serving/profiles/chosen-engine.ts";
import type { DecidingFacts } from "../../../../service/src/serving/profiles/chosen-engine.ts";
import { createWorld } from "./profiles-world.ts";

const text: DecidingFacts = { architecture: "llama", customCode: false, capabilities: ["chat"] };
const seeing: DecidingFacts = { architecture: "qwen2_vl", customCode: false, capabilities: ["chat", "vision"] };
const open = { engine: "mlx-lm", ...emptyParts } as const;

describe("the engine of a profile", () => {
  const cases: [string, Partial<DecidingFacts>, string, string][] = [
    ["text", {}, "mlx-lm", "reads and writes text"],
    ["images", { architecture: "qwen2_vl", capabilities: ["chat", "vision"] }, "mlx-vlm", "takes images"],
    [
      "images and sound",
      { architecture: "gemma3n", capabilities: ["chat", "vision", "audio"] },
      "mlx-vlm",
      "and sound",
    ],
    ["a type that mlx-lm lacks", { architecture: "llada2_moe" }, "mlx-vlm", "alone"],
    ["embeddings", { architecture: "bert", capabilities: ["embeddings"] }, "mlx-openai-server", "makes embeddings"],
    ["an unknown type", { architecture: "unheard_of" }, "mlx-lm", "mlx-lm tries"],
  ];
  test.each(cases)("follows from %s: %j is %s", (_, facts, engine, reason) => {
    const chosen = engineOf(open, { ...text, ...facts });
    expect(chosen).toEqual({ engine, engineChoice: { by: "model", reason: expect.stringContaining(reason) } });
  });

  test("is what the profile says, on a cluster mlx-lm, and elsewhere none of ours", () => {
    const said = { ...open, engineChoice: { by: "profile", reason: "" } } as const;
    expect(engineOf(said, seeing)).toMatchObject({ engine: "mlx-lm", engineChoice: { by: "profile" } });
    expect(engineOf({ ...open, kind: "cluster" }, seeing)).toMatchObject({ engine: "mlx-lm" });
    expect(engineOf({ ...open, kind: "remote" }, text)).toMatchObject({ engine: "remote" });
  });

  test("follows the model when that changes, until the profile says one; null lets it follow again", () => {
    const { profiles, facts } = createWorld("a/model");
    const create = ProfileCreate.parse({ slug: "mine", model: "a/model" });
    const profile = profiles.create(create);
    expect(profile).toMatchObject({ engine: "mlx-lm", engineChoice: { by: "model" } });
    facts.set("a/model", seeing);
    expect(profiles.get(profile.id)).toMatchObject({ engine: "mlx-vlm", engineChoice: { by: "model" } });
    expect(profiles.implicitFor("a/model").engine).toBe("mlx-vlm");
    expect(profiles.update(profile.id, { engine: "mlx-lm" })).toMatchObject({
      ...{ engine: "mlx-lm", engineChoice: { by: "profile", reason: "The profile says so." } },
    });
    expect(profiles.export(profile.id).profile.engine).toBe("mlx-lm");
    expect(profiles.update(profile.id, { engine: null })).toMatchObject({ engine: "mlx-vlm" });
    expect(profiles.export(profile.id).profile.engine).toBeNull();
    expect(profiles.list({ limit: 10 }).items.map(({ engine }) => engine)).toEqual(["mlx-vlm", "mlx-vlm"]);
  });

  test("judges the options: what another engine has is refused for the one that follows from the model", () => {
    const { profiles, facts } = createWorld("a/model");
    facts.set("a/model", seeing);
    const drafted = ProfileCreate.parse({ slug: "mine", model: "a/model", engineOptions: { promptCacheSize: 3 } });
    expect(() => profiles.create(drafted)).toThrow("no option of the engine mlx-vlm");
    expect(profiles.create({ ...drafted, engine: "mlx-lm" })).toMatchObject({ engine: "mlx-lm" });
  });
});

import { describe, expect, test } from "@jest/globals";
import type { RoutingReason, RoutingRule } from "../../../../service/src/contract/routing.ts";
import { decideRoute } from "../../../../service/src/gateway/routing/decide-route.ts";
import type { RouteFacts } from "../../../../service/src/gateway/routing/decide-route.ts";

const long: RoutingRule = { when: "prompt-too-long", to: "cloud" };
const gone: RoutingRule = { when: "model-not-here", to: "cloud" };
const seeing: RoutingRule = { when: "image-without-vision", to: "eyes" };
const asked = { name: "coder", model: "own/coder" };

function decide(change: Partial<RouteFacts>) {
  const facts = { name: "claude-sonnet", asked, problem: null, begun: null, rules: [], whyNot: () => null, ...change };
  const { to, by } = decideRoute(facts);
  return [to, by];
}

describe("who answers", () => {
  test.each<[string, Partial<RouteFacts>, [string | null, string | null]]>([
    ["without rules", { problem: "prompt-too-long" }, [null, null]],
    ["a model that can, whatever the rules", { rules: [long, gone, seeing] }, [null, null]],
    ["a long prompt", { problem: "prompt-too-long", rules: [gone, long] }, ["cloud", "prompt-too-long"]],
    ["a model not here", { asked: null, problem: "model-not-here", rules: [long, gone] }, ["cloud", "model-not-here"]],
    ["an image", { problem: "image-without-vision", rules: [long, seeing] }, ["eyes", "image-without-vision"]],
    ["a trouble that no rule names", { problem: "image-without-vision", rules: [long, gone] }, [null, null]],
    [
      "the first of two that fit",
      { problem: "prompt-too-long", rules: [{ ...long, to: "first" }, long] },
      ["first", "prompt-too-long"],
    ],
    [
      "the next where the first cannot",
      { problem: "prompt-too-long", rules: [{ ...long, to: "down" }, long], whyNot: down },
      ["cloud", "prompt-too-long"],
    ],
    [
      "nobody where none can",
      { problem: "prompt-too-long", rules: [{ ...long, to: "down" }], whyNot: down },
      [null, null],
    ],
  ])("%s", (_what, facts, expected) => expect(decide(facts)).toEqual(expected));

  test.each<[string, string | null, readonly string[], boolean]>([
    ["the name that was asked", "claude-sonnet", ["claude-*"], true],
    ["what it means", "claude-sonnet", ["coder"], true],
    ["the model behind it", "claude-sonnet", ["own/*"], true],
    ["one of several", "claude-sonnet", ["gpt-*", "claude-sonnet"], true],
    ["no name at all", null, ["coder"], true],
    ["others", "claude-sonnet", ["gpt-*", "own/other"], false],
  ])("a rule for some models fits %s", (_what, name, models, fits) => {
    const rules = [{ ...long, models: [...models] }];
    expect(decide({ name, rules, problem: "prompt-too-long" })[0]).toBe(fits ? "cloud" : null);
  });

  const reasons: (RoutingReason | null)[] = [null, "prompt-too-long", "model-not-here", "image-without-vision"];
  test.each(reasons)("a session that began at a rule's profile stays there, also with %s", (problem) => {
    const rules = [seeing, gone];
    expect(decide({ problem, rules, begun: "cloud" })).toEqual(["cloud", "session"]);
  });

  test("a session goes where it would begin now when its profile fails, and when no rule leads there any more", () => {
    const begun = { begun: "down", rules: [{ ...gone, to: "down" }, long], whyNot: down };
    expect(decide(begun)).toEqual([null, null]);
    expect(decide({ ...begun, problem: "prompt-too-long" })).toEqual(["cloud", "prompt-too-long"]);
    expect(decide({ begun: "cloud", rules: [seeing] })).toEqual([null, null]);
    expect(decide({ begun: "cloud", rules: [{ ...gone, models: ["gpt-*"] }] })).toEqual([null, null]);
  });

  test("each step says why", () => {
    const rules = [seeing, { ...long, models: ["gpt-*"] }, { ...long, to: "down" }, long];
    const { steps } = decideRoute({
      ...{ name: "claude-sonnet", asked, problem: "prompt-too-long", begun: null, rules, whyNot: down },
    });
    expect(steps.map(({ step, result, text }) => `${step}: ${result}, ${text}`)).toEqual([
      "rule 1: image-without-vision to eyes: no, the request's trouble is another one: prompt-too-long",
      "rule 2: prompt-too-long to cloud: no, it is for other models",
      "rule 3: prompt-too-long to down: no, it fails",
      "rule 4: prompt-too-long to cloud: yes, cloud answers",
    ]);
  });
});

function down(to: string): string | null {
  return to === "down" ? "it fails" : null;
}

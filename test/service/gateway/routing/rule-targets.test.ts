import { describe, expect, test } from "@jest/globals";
import type { RoutingQuestion, RoutingRule } from "../../../../service/src/contract/routing.ts";
import { settingDefaults } from "../../../../service/src/contract/settings.ts";
import { whyNotNow } from "../../../../service/src/gateway/routing/rule-targets.ts";
import { testRoute } from "../../../../service/src/gateway/routing/test-route.ts";
import type { TestRouteDependencies } from "../../../../service/src/gateway/routing/test-route.ts";
import { AppError } from "../../../../service/src/platform/errors.ts";
import { testProfile } from "../gateway-bench.ts";

const profileTo = (slug: string, baseUrl: string) =>
  testProfile({ id: `profile_${slug}`, slug, kind: "remote", remote: { baseUrl, model: "theirs", hasKey: false } });
const known = [profileTo("cloud", "https://models.example"), profileTo("neighbor", "http://127.0.0.1:9")];

/** Routing where no model is here, in a service that is offline but for its own machine. */
function offlineRouting(rules: readonly RoutingRule[] = [], states: readonly string[] = []) {
  const resolve = (name: string | null | undefined) => {
    const profile = known.find(({ slug }) => slug === name);
    if (profile) return { profile, revision: "main", by: "slug" as const };
    throw new AppError("model_not_found", `There is no model "${name}" here.`);
  };
  return {
    profiles: { all: () => known, resolve, lookUp: () => ({ found: null, dead: null, tried: ["slug"] }) },
    models: { all: () => [], find: () => null },
    pool: {
      loaded: () => states.map((state) => ({ profileId: "profile_neighbor", state })),
      checkReach({ slug }: { readonly slug: string | null }) {
        if (slug === "cloud") throw new AppError("offline", "models.example is another machine.");
      },
    },
    settings: { values: () => ({ ...settingDefaults, routingRules: rules }) },
  } as unknown as TestRouteDependencies;
}

const question: RoutingQuestion = { model: "claude-x", prompt: "", images: 0, session: null };
const ask = (rules: readonly RoutingRule[]) => testRoute(offlineRouting(rules), question, new AbortController().signal);
const toCloud: RoutingRule = { when: "model-not-here", to: "cloud" };
const passedOver = "rule 1: model-not-here to cloud: no, cloud is on another machine, and the service is offline";

describe("a rule's profile while the service is offline", () => {
  test("cannot take a request now on another machine, and can on this one", () => {
    expect(whyNotNow(offlineRouting(), "cloud")).toBe("cloud is on another machine, and the service is offline");
    expect(whyNotNow(offlineRouting(), "neighbor")).toBeNull();
    expect(whyNotNow(offlineRouting([], ["unhealthy"]), "neighbor")).toContain("fails at the moment");
    expect(whyNotNow(offlineRouting(), "nobody")).toBe("there is no profile nobody of the kind remote");
  });

  test("leaves the request to the next rule, and the tester says why", async () => {
    const { steps, answer } = await ask([toCloud, { ...toCloud, to: "neighbor" }]);
    expect(steps.map(({ step, result, text }) => `${step}: ${result}, ${text}`)).toEqual(
      expect.arrayContaining([passedOver, "rule 2: model-not-here to neighbor: yes, neighbor answers"]),
    );
    expect(answer).toMatchObject({ name: "neighbor", route: "model-not-here" });
  });

  test("leaves the request to the refusal of the model that was asked where no other rule fits", async () => {
    const { steps, answer, error } = await ask([toCloud]);
    expect(steps.map(({ step, result, text }) => `${step}: ${result}, ${text}`)).toContain(passedOver);
    expect([answer, error?.code]).toEqual([null, "model_not_found"]);
  });
});

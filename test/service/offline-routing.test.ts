import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { RoutingTest } from "../../service/src/contract/routing.ts";
import { startFakeRemote } from "../fakes/fake-remote.ts";
import type { FakeRemote } from "../fakes/fake-remote.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";

let service: TestService;
let neighbor: FakeRemote;

beforeAll(async () => {
  neighbor = await startFakeRemote();
  service = await startTestService({ environment: { MLX_MANAGER_OFFLINE_MODE: "true" } });
  const profiles = { cloud: "https://models.example/v1", neighbor: neighbor.url };
  for (const [slug, baseUrl] of Object.entries(profiles)) {
    await service.call("POST", "/api/profiles", { slug, kind: "remote", remote: { baseUrl, model: "theirs" } });
  }
});
afterAll(async () => {
  await service.close();
  await neighbor.close();
});

const follow = (...targets: readonly string[]) =>
  service.call("PATCH", "/api/settings", { routingRules: targets.map((to) => ({ when: "model-not-here", to })) });
const ask = () =>
  service.call("POST", "/v1/chat/completions", { model: "claude-x", messages: [{ role: "user", content: "Hi" }] });

test("offline, a rule to another machine leaves the request to the next rule or to the model's own refusal", async () => {
  await follow("cloud");
  expect(await ask()).toMatchObject({ status: 404, body: { error: { code: "model_not_found" } } });
  await follow("cloud", "neighbor");
  expect(await ask()).toMatchObject({ status: 200, body: { choices: [{ message: { content: "Hello." } }] } });
  const { steps, answer } = (await service.call("POST", "/api/routing/test", { model: "claude-x" }))
    .body as RoutingTest;
  expect(steps).toContainEqual({
    ...{ step: "rule 1: model-not-here to cloud", result: "no" },
    text: "cloud is on another machine, and the service is offline",
  });
  expect(answer).toMatchObject({ name: "neighbor", route: "model-not-here" });
});

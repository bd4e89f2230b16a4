import { afterEach, describe, expect, test } from "@jest/globals";
import type { Profile, SamplingDefaults } from "../../../service/src/contract/profiles.ts";
import { chat, post, startGateway, testProfile } from "./gateway-bench.ts";
import type { GatewayBench } from "./gateway-bench.ts";

let bench: GatewayBench | undefined;
afterEach(() => bench?.close());

/** What the engine is sent for a request to a profile. */
async function sent(profile: Partial<Profile>, request: object = {}): Promise<Record<string, unknown>> {
  const resolved = { profile: testProfile(profile), revision: "main", by: "model" } as const;
  bench = await startGateway({ change: { profiles: { all: () => [resolved.profile], resolve: () => resolved } } });
  expect((await post(bench, chat(request))).status).toBe(200);
  const body = (await bench.engine.entry("request")).body ?? {};
  await bench.close();
  bench = undefined;
  return body;
}

/** Each default: the engine's name, the profile's value (zero where it may be), the client's own (zero again). */
const defaults = {
  temperature: ["temperature", 0, { temperature: 0.7 }],
  topP: ["top_p", 0.5, { top_p: 1 }],
  topK: ["top_k", 0, { top_k: 5 }],
  minP: ["min_p", 0, { min_p: 0.1 }],
  maxTokens: ["max_tokens", 7, { max_tokens: 9 }],
  repetitionPenalty: ["repetition_penalty", 1.2, { repetition_penalty: 1 }],
  presencePenalty: ["presence_penalty", 0, { presence_penalty: -1 }],
  frequencyPenalty: ["frequency_penalty", 0, { frequency_penalty: 1.5 }],
  seed: ["seed", 0, { seed: 4 }],
} as const satisfies Record<keyof SamplingDefaults, readonly [string, number, Record<string, number>]>;

describe("what a profile sets", () => {
  test("reaches the engine: every sampling default, zero included", async () => {
    const sampling = Object.fromEntries(Object.entries(defaults).map(([key, [, value]]) => [key, value]));
    const expected = Object.fromEntries(Object.values(defaults).map(([name, value]) => [name, value]));
    expect(await sent({ sampling })).toMatchObject(expected);
  });

  test("gives way to what the request says, zero included", async () => {
    const sampling = Object.fromEntries(Object.entries(defaults).map(([key, [, value]]) => [key, value]));
    const own: Record<string, number> = Object.assign({}, ...Object.values(defaults).map(([, , said]) => said));
    expect(await sent({ sampling }, own)).toMatchObject(own);
    const loud: SamplingDefaults = { temperature: 0.9, topK: 40, minP: 0.2, presencePenalty: 1, seed: 9 };
    const zeros = { temperature: 0, top_k: 0, min_p: 0, presence_penalty: 0, seed: 0 };
    expect(await sent({ sampling: loud }, zeros)).toMatchObject(zeros);
  });

  test("is left to the engine where nobody says anything", async () => {
    const body = await sent({});
    for (const [name] of Object.values(defaults)) if (name !== "max_tokens") expect(body).not.toHaveProperty(name);
  });

  test("reaches the engine: the system prompt, unless the client brings one", async () => {
    const profile = { systemPrompt: "Be brief." };
    expect((await sent(profile))["messages"]).toEqual([
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hi" },
    ]);
    const messages = [
      { role: "system", content: "Be long." },
      { role: "user", content: "Hi" },
    ];
    expect((await sent(profile, { messages }))["messages"]).toEqual(messages);
  });

  test("reaches the engine: variables of the chat template, under those of the request, zero and false included", async () => {
    const profile = {
      engineOptions: { chatTemplateArguments: { enable_thinking: false, budget: 0, style: "plain" } },
    };
    expect((await sent(profile))["chat_template_kwargs"]).toEqual({
      ...{ enable_thinking: false, budget: 0, style: "plain" },
    });
    const request = { reasoning_effort: "high", chat_template_kwargs: { budget: 5 } };
    expect((await sent(profile, request))["chat_template_kwargs"]).toEqual({
      ...{ enable_thinking: true, thinking: true, reasoning_effort: "high", budget: 5, style: "plain" },
    });
  });

  test("bounds the answer that nobody bounded: the profile's context instead of the model's longer one", async () => {
    const limit = async (contextTokens?: number) =>
      (await sent({ limits: contextTokens === undefined ? {} : { contextTokens } }))["max_tokens"];
    expect(await limit()).toBe(2046);
    expect(await limit(512)).toBe(510);
    expect(await limit(100_000)).toBe(2046);
  });
});

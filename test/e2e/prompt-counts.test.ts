import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "@jest/globals";
import { execa } from "execa";
import { createPromptCounter } from "../../service/src/gateway/tokens/prompt-counter.ts";
import { findPlace } from "../../service/src/platform/place.ts";
import { promptCases } from "../fixtures/prompts/conversations.ts";
import type { PromptCase } from "../fixtures/prompts/conversations.ts";
import { seededRandom, trials } from "../tools/counts.ts";
import { enginePython } from "../tools/engine-python.ts";
import { temporaryFolder } from "../tools/temporary-folder.ts";
import { startRealService } from "./real-service.ts";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const templates = ["marks-and-tags", "headers"];
const vocabularies = ["bytes", "triples", "pieces"];
const folder = temporaryFolder();
let python: string;

type Prompt = Pick<PromptCase, "messages" | "tools" | "variables"> & {
  readonly text?: string;
  readonly continues?: boolean;
};
type Counted = { readonly tokens: number; readonly text: string } | { readonly error: string };

beforeAll(async () => ({ python } = await enginePython()), 300_000);

interface Asked {
  readonly folder: string;
  readonly prompts: readonly Prompt[];
}

async function countInPython(models: readonly Asked[]): Promise<Counted[][]> {
  const env = { HF_HUB_OFFLINE: "1", PYTHONDONTWRITEBYTECODE: "1" };
  const input = JSON.stringify(models);
  return JSON.parse((await execa(python, [at("../python/count_prompts.py")], { input, env })).stdout) as Counted[][];
}

function countHere({ folder: model, prompts }: Asked): Counted[] {
  const counter = createPromptCounter(model);
  return prompts.map(({ messages, tools, variables, text, continues = false }) => {
    if (text !== undefined) return { tokens: counter.countText(text), text };
    const prompt = { messages, tools, variables, continues, thinking: "if-known" as const };
    try {
      return { tokens: counter.count(prompt), text: counter.render(prompt) };
    } catch (error) {
      return { error: String(error) };
    }
  });
}

/** Texts of every kind of sign, cut anywhere, in conversations of every shape. */
function madeUp(count: number): Prompt[] {
  const random = seededRandom(6);
  const below = (limit: number) => Math.floor(random() * limit);
  const signs = [
    "a",
    "The ",
    "don't",
    " 12345",
    "\n",
    "\n\n  ",
    "\t",
    "東京",
    "é",
    "e\u0301",
    "🙂",
    "👩‍👧",
    "ß",
    "Ǆ",
    "ﬁ",
    "١٢",
  ];
  const marks = [
    "<|im_end|>",
    "<think>",
    "</s>",
    "<s>",
    "{%",
    "&amp;",
    '"',
    "\\",
    "\u00a0",
    "\u200b",
    "\u3000",
    "'LL",
    "_",
    "▁",
  ];
  const text = () => Array.from({ length: below(60) }, () => [...signs, ...marks][below(30)]).join("");
  return Array.from({ length: count }, (_, index) => ({
    ...(index % 8 === 0 ? { text: text() } : {}),
    ...(index % 8 === 1 ? { continues: true } : {}),
    messages: [
      ...(random() < 0.5 ? [{ role: "system", content: text() }] : []),
      { role: "user", content: text() },
      {
        role: "assistant",
        content: text(),
        ...(index % 8 !== 1 && random() < 0.5 ? { reasoning_content: text() } : {}),
      },
      ...(index % 8 === 1 ? [] : [{ role: "user", content: text() }]),
    ],
    tools: random() < 0.3 ? promptCases[3]!.tools : null,
    variables: random() < 0.3 ? { enable_thinking: random() < 0.5 } : {},
  }));
}

/** @returns Python's figures. */
async function expectEqual(models: readonly Asked[]): Promise<Counted[][]> {
  const all = await countInPython(models);
  for (const [place, model] of models.entries()) {
    const ours = countHere(model);
    for (const [index, their] of all[place]!.entries()) {
      // A template that refuses a conversation refuses it in both; the words are each program's own.
      if ("error" in their) expect(ours[index]).toHaveProperty("error");
      else expect({ place, index, ...ours[index] }).toEqual({ place, index, ...their });
    }
  }
  return all;
}

test("tokens of a prompt are as many as mlx_lm counts, under vocabularies and templates of every kind", async () => {
  // Sentences of a project's own documents are as good as any to learn pieces from.
  await execa(python, [at("../python/make_tokenizers.py"), folder.in("models"), at("../../README.md")]);
  for (const [index, vocabulary] of vocabularies.entries()) {
    const template = at(`../fixtures/prompts/${templates[index % templates.length]}.jinja`);
    await copyFile(template, join(folder.in("models", vocabulary), "chat_template.jinja"));
  }
  const made = vocabularies.map((vocabulary) => folder.in("models", vocabulary));
  const prompts = [...promptCases, ...madeUp(trials(40, 1000))];
  const [demo] = await expectEqual([findPlace().demoModel, ...made].map((each) => ({ folder: each, prompts })));
  const recorded = promptCases.map(({ demoTokens }) => demoTokens);
  const counted = demo!.map((each) => ("tokens" in each ? each.tokens : each.error));
  expect(counted.slice(0, recorded.length)).toEqual(recorded);
});

test("what is counted beforehand is what the real engine reads, and it is never asked what does not fit", async () => {
  const service = await startRealService();
  const post = async (path: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> => {
    const headers = { "content-type": "application/json", "anthropic-version": "2023-06-01" };
    const response = await fetch(service.address() + path, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  try {
    const tools = [{ name: "get_weather", input_schema: { type: "object", properties: { city: { type: "string" } } } }];
    const turns = [
      { role: "user", content: "What is the weather in Paris?" },
      { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "get_weather", input: { city: "Paris" } }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "18 degrees" }] },
    ];
    const asked = [{ messages: turns.slice(0, 1) }, { messages: turns, tools, system: "Be brief." }];
    for (const conversation of asked) {
      const counted = await post("/v1/messages/count_tokens", { model: "mlx-manager/demo", ...conversation });
      const answer = await post("/v1/messages", { model: "mlx-manager/demo", max_tokens: 4, ...conversation });
      const usage = answer.body["usage"] as Record<string, number>;
      expect(counted.body["input_tokens"]).toBe(usage["input_tokens"]! + usage["cache_read_input_tokens"]!);
    }
    const long = {
      model: "mlx-manager/demo",
      max_tokens: 4,
      messages: [{ role: "user", content: "weather ".repeat(3000) }],
    };
    expect(await post("/v1/messages", long)).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringMatching(/^prompt is too long: \d+ tokens > 2048 maximum$/) } },
    });
  } finally {
    await service.close();
  }
}, 600_000);

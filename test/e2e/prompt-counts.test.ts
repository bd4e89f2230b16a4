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

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const templates = ["marks-and-tags", "headers"];
const vocabularies = ["bytes", "triples", "pieces"];
const folder = temporaryFolder();
let python: string;

type Prompt = Pick<PromptCase, "messages" | "tools" | "variables">;
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
  return prompts.map(({ messages, tools, variables }) => {
    const prompt = { messages, tools, variables, thinking: "if-known" as const };
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
  return Array.from({ length: count }, () => ({
    messages: [
      ...(random() < 0.5 ? [{ role: "system", content: text() }] : []),
      { role: "user", content: text() },
      { role: "assistant", content: text(), ...(random() < 0.5 ? { reasoning_content: text() } : {}) },
      { role: "user", content: text() },
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

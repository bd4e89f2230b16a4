import { copyFile, mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import pino from "pino";
import { createCountingThread } from "../../../service/src/gateway/tokens/counting-thread.ts";
import type { CountingThread } from "../../../service/src/gateway/tokens/counting-thread.ts";
import type { CountJob } from "../../../service/src/gateway/tokens/job.ts";
import type { Clock } from "../../../service/src/platform/clock.ts";
import { systemClock } from "../../../service/src/platform/clock.ts";
import { findPlace } from "../../../service/src/platform/place.ts";
import { promptCases } from "../../fixtures/prompts/conversations.ts";
import { manualClock } from "../../tools/manual-clock.ts";
import { temporaryFolder } from "../../tools/temporary-folder.ts";

const demo = findPlace().demoModel;
const { signal } = new AbortController();
const folder = temporaryFolder();
let thread: CountingThread;

afterEach(() => thread.close());

function start(clock: Clock = systemClock, program = findPlace().worker("gateway/tokens/main")): void {
  thread = createCountingThread({ program, clock, log: pino({ level: "silent" }) });
}

type Job = Omit<CountJob, "number">;
const question = (model: string, change: Partial<Job> = {}): Job => ({
  ...{
    folder: model,
    text: null,
    messages: [{ role: "user", content: "Hi" }],
    tools: null,
    variables: {},
    thinking: "if-known",
  },
  ...change,
});
const count = (job: Job, stop: AbortSignal = signal) => thread.count(job, stop);

/** The demo model's vocabulary under another template. */
async function model(name: string, template: string | null): Promise<string> {
  const made = folder.in(name);
  await mkdir(made);
  for (const file of ["tokenizer.json", "tokenizer_config.json"]) await copyFile(join(demo, file), join(made, file));
  if (template !== null) await writeFile(join(made, "chat_template.jinja"), template);
  return made;
}

describe("tokens of a prompt", () => {
  test.each(promptCases.map((each) => [each.title, each] as const))("%s: as many as Python counts", async (_, each) => {
    start();
    const { messages, tools, variables, demoTokens } = each;
    expect(await count(question(demo, { messages, tools, variables }))).toBe(demoTokens);
  });

  test("a picture is the mark that its template writes; what the engine sets when nobody does is set", async () => {
    start();
    const made = await model(
      "marks",
      "{% for part in messages[0].content %}{{ part.type }} {% endfor %}{{ enable_thinking }}",
    );
    const messages = [{ role: "user", content: [{ type: "image" }, { type: "text", text: "Hi" }] }];
    const [thinking, off] = await Promise.all(
      (["if-known", "off"] as const).map((habit) => count(question(made, { messages, thinking: habit }))),
    );
    expect(thinking).toBeGreaterThan(3);
    expect(off).not.toBeNull();
    expect(await count(question(made, { messages: [{ role: "user", content: [] }] }))).toBeLessThan(thinking!);
  });

  test.each([
    ["whose template refuses the conversation", "{{ raise_exception('no') }}"],
    ["whose template is none", "{% for %}"],
    ["without a template", null],
  ])("of a model %s are not told, and the next is counted", async (_, template) => {
    start();
    const made = await model("strange", template);
    expect(await Promise.all([count(question(made)), count(question(demo))])).toEqual([null, 10]);
  });

  test("a model without tokenizer.json, and one with a program of its own, are not counted", async () => {
    start();
    const [bare, own] = [await model("bare", "x"), await model("own", "x")];
    await rm(join(bare, "tokenizer.json"));
    await writeFile(join(own, "tokenizer_config.json"), JSON.stringify({ auto_map: { AutoTokenizer: "own.py" } }));
    expect([await count(question(bare)), await count(question(own))]).toEqual([null, null]);
  });

  test("files that changed are read anew, and more models than are kept are all counted", async () => {
    start();
    const made = await model("changing", "Hi");
    const first = await count(question(made));
    for (const name of ["b", "c", "d"]) await count(question(await model(name, "x")));
    await writeFile(join(made, "chat_template.jinja"), "Hi Hi Hi Hi Hi Hi");
    await utimes(join(made, "chat_template.jinja"), 1, 1);
    expect(await count(question(made))).toBeGreaterThan(first!);
    expect(await count(question(folder.in("b")))).toBe(1);
  });

  test("a text that is written on needs no template", async () => {
    start();
    const made = await model("base", null);
    expect(await count(question(made, { text: "Hi" }))).toBeGreaterThan(0);
    expect(await count(question(made, { text: "Hi ".repeat(100) }))).toBeGreaterThan(100);
  });

  test("named templates: the one for tools is taken where tools are", async () => {
    start();
    const made = await model("named", null);
    const named = [
      { name: "default", template: "x" },
      { name: "tool_use", template: "x x x x x x x" },
    ];
    await writeFile(join(made, "tokenizer_config.json"), JSON.stringify({ chat_template: named }));
    expect(await count(question(made))).toBe(1);
    expect(await count(question(made, { tools: promptCases[3]!.tools }))).toBeGreaterThan(1);
  });
});

describe("the thread that counts", () => {
  test("25 questions at once are all answered", async () => {
    start();
    expect(await Promise.all(Array.from({ length: 25 }, () => count(question(demo))))).toEqual(Array(25).fill(10));
  });

  test("a template that never ends costs one deadline, not the others their answer, and is not asked again", async () => {
    const clock = manualClock();
    start(clock);
    const endless = await model(
      "endless",
      "{% for a in range(10**9) %}{% for b in range(10**9) %}{% endfor %}{% endfor %}",
    );
    const asked = [count(question(endless)), count(question(endless)), count(question(demo))];
    clock.advance(10_000);
    expect(await Promise.all(asked)).toEqual([null, null, 10]);
    expect(await count(question(endless))).toBeNull();
  });

  test("who leaves the queue is gone from it; a closed thread answers nothing", async () => {
    start();
    const controller = new AbortController();
    const first = count(question(demo));
    const second = count(question(demo), controller.signal);
    controller.abort();
    expect([await second, await first]).toEqual([null, 10]);
    const open = count(question(demo));
    await thread.close();
    expect([await open, await count(question(demo))]).toEqual([null, null]);
  });

  test("ends when nothing was counted for a minute, and begins again", async () => {
    const clock = manualClock();
    start(clock);
    expect(await count(question(demo))).toBe(10);
    expect(clock.timers()).toBe(1);
    clock.advance(60_000);
    expect(clock.timers()).toBe(0);
    expect(await count(question(demo))).toBe(10);
  });

  test("a thread that dies is the answer of one question", async () => {
    const program = folder.in("dying.mjs");
    await writeFile(
      program,
      "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => process.exit(1));",
    );
    start(systemClock, program);
    expect(await Promise.all([count(question("/a")), count(question("/b"))])).toEqual([null, null]);
  });
});

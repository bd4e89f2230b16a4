import { Template } from "@huggingface/jinja";
import { Tokenizer } from "@huggingface/tokenizers";
import type { CountJob, ThinkingHabit } from "./job.ts";
import { readPromptFiles } from "./model-files.ts";
import { oneCallEach } from "./single-calls.ts";

/** One model's way from a conversation to tokens. */
export interface PromptCounter {
  /** The text that the engine reads. @throws Error where the template refuses the conversation. */
  render(prompt: Prompt): string;
  /** @throws Error as `render`. */
  count(prompt: Prompt): number;
  /** Of a text that is written on, with the tokens that begin one. */
  countText(text: string): number;
}

export type Prompt = Pick<CountJob, "messages" | "tools" | "variables" | "thinking" | "continues">;

/** @throws Error where the files are not here or not understood. */
export function createPromptCounter(folder: string): PromptCounter {
  const { tokenizer: vocabulary, config, templates, specialTokens } = readPromptFiles(folder);
  const tokenizer = new Tokenizer(vocabulary, config);
  const usual = templates && new Template(templates.usual);
  const withTools = templates?.withTools === templates?.usual ? usual : templates && new Template(templates.withTools);
  const canThink = thoughtMarks.some((marks) => marks.every((mark) => tokenizer.token_to_id(mark) !== undefined));
  const render = ({ messages, tools, variables, thinking, continues = false }: Prompt): string => {
    const template = tools === null ? usual : withTools;
    if (template === null) throw new Error("the model has no chat template");
    const variablesOf = (given: Message[]): Record<string, unknown> => ({
      ...specialTokens,
      ...thinkingVariable(thinking, canThink),
      ...variables,
      messages: continues ? withOpenEnd(given) : given,
      ...{ tools, documents: null, add_generation_prompt: !continues },
    });
    const given = messages.map(forTemplate);
    const whole = renderWhole(template, given, variablesOf);
    return continues ? upToOpenEnd(whole) : whole;
  };
  return {
    render,
    // The template writes the tokens that begin a text itself.
    count: (prompt) => tokenizer.encode(render(prompt), { add_special_tokens: false }).ids.length,
    countText: (text) => tokenizer.encode(text).ids.length,
  };
}

type Message = Readonly<Record<string, unknown>>;

/** As the launcher does: a template that refuses several calls in one message gets one call at a time. */
function renderWhole(template: Template, given: Message[], variablesOf: (given: Message[]) => Record<string, unknown>) {
  try {
    return template.render(variablesOf(given));
  } catch (error) {
    const single = oneCallEach(given);
    if (single.length === given.length) throw error;
    return template.render(variablesOf(single));
  }
}

/** Stands where the answer goes on, as in the launcher's `continued_answer.py`. The space tells templates that trim. */
const openEnd = "ANSWER_GOES_ON ";

function withOpenEnd(messages: readonly Message[]): Message[] {
  return messages.map((message, at) =>
    at === messages.length - 1 ? { ...message, content: `${String(message["content"])}${openEnd}` } : message,
  );
}

/** @throws Error where the template leaves the last message out. */
function upToOpenEnd(text: string): string {
  const at = text.lastIndexOf(openEnd.trim());
  if (at === -1) throw new Error("the template leaves the last message out");
  return text.startsWith(openEnd, at) ? text.slice(0, at) : text.slice(0, at).trimEnd();
}

/** What `mlx_lm` takes for a sign that a model thinks: both words of a line are tokens. */
const thoughtMarks = [
  ["<think>", "</think>"],
  ["<longcat_think>", "</longcat_think>"],
  ["<|think:start|>", "<|think:end|>"],
  ["<|channel>", "<channel|>"],
  ["<|open|>", "<|close|>", "<|sep|>", "<|end_of_msg|>"],
];

function thinkingVariable(habit: ThinkingHabit, canThink: boolean): Record<string, boolean> {
  return habit === "unsaid" ? {} : { enable_thinking: habit === "on" || (habit === "if-known" && canThink) };
}

/** As Python hands it on: arguments as an object, and thoughts under both names that templates look for. */
function forTemplate(message: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { tool_calls: calls, reasoning_content: reasoning } = message;
  return {
    ...message,
    ...(reasoning === undefined ? {} : { thinking: reasoning }),
    ...(Array.isArray(calls) ? { tool_calls: (calls as ToolCall[]).map(parsedCall) } : {}),
  };
}

interface ToolCall {
  readonly function: { readonly name: string; readonly arguments: string };
}

function parsedCall(call: ToolCall): object {
  const given: unknown = JSON.parse(call.function.arguments);
  return { ...call, function: { ...call.function, arguments: given } };
}

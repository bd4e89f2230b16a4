import type { MeasuredVerdict } from "../../contract/measurements.ts";
import type { ProbeAnswer } from "./question.ts";
import { structuredSchema, toolName } from "./question.ts";

/** Judgments of answers. Pure: what a question was answered with, and what that proves. */

export function judgeChat({ text, reasoning }: ProbeAnswer): MeasuredVerdict {
  return text.trim() !== "" || reasoning.trim() !== "" ? "yes" : "no";
}

export interface ToolVerdict {
  readonly verdict: MeasuredVerdict;
  readonly format: string | null;
}

/**
 * A call counts when it names the tool that was offered and its arguments are an object, whoever read it: the engine, or
 * the gateway out of the text that the engine left.
 */
export function judgeTools(answers: readonly ProbeAnswer[]): ToolVerdict {
  const isCalled = answers.some(({ toolCalls }) =>
    toolCalls.some(({ name, arguments: text }) => name === toolName && isObject(parsed(text))),
  );
  const left = answers.map(({ written }) => leakedForm(written)).find((form) => form !== null);
  return isCalled ? { verdict: "yes", format: left ?? "tool_calls" } : { verdict: "no", format: left ?? null };
}

export function judgeThinking({ reasoning }: ProbeAnswer): MeasuredVerdict {
  return reasoning.trim() === "" ? "no" : "yes";
}

export function judgeStructured({ text }: ProbeAnswer): MeasuredVerdict {
  const value = parsed(text.trim());
  if (!isObject(value)) return "no";
  const names = Object.keys(value).sort();
  const isRight =
    names.join() === [...structuredSchema.required].sort().join() &&
    names.every((name) => typeof value[name] === "string");
  return isRight ? "yes" : "no";
}

/** A picture that was dropped on the way takes no tokens, however well the answer is guessed. */
export function judgeVision(seeing: ProbeAnswer, blind: ProbeAnswer): MeasuredVerdict {
  const taken = (seeing.tokens.input ?? 0) - (blind.tokens.input ?? 0);
  return taken > 0 && seeing.tokens.output !== 0 ? "yes" : "no";
}

/** Forms in which models write calls and engines leave them when they do not know them. */
const forms: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["qwen3_coder_xml", /<function=[\w.-]+>\s*<parameter=/],
  ["llama_xml", /<function=[\w.-]+>\s*\{/],
  ["hermes_json", /<tool_call>\s*\{/],
  ["glm4_xml", /<arg_key>/],
  ["llama_python", /<\|python_tag\|>/],
  ["liquid_python", /<\|tool_call_start\|>/],
  ["mistral_native", /\[TOOL_CALLS\]\s*\[/],
  ["devstral_args", /\[TOOL_CALLS\][\w.-]+\[ARGS\]/],
  ["function_gemma", /<start_function_call>/],
  ["tool_code_python", /```tool_code/],
  ["openai_json", /^\s*(?:```(?:json)?\s*)?\{[^{}]*"name"\s*:\s*"get_weather"/],
];

export function leakedForm(text: string): string | null {
  return forms.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

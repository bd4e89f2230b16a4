import {
  functionTags,
  gemmaCalls,
  invokeTags,
  jsonCalls,
  kimiCalls,
  mistralCalls,
  pythonCalls,
  taggedCall,
} from "./read-calls.ts";
import type { ReadCalls } from "./read-calls.ts";

/** How models write a call into their text. */
export interface CallForm {
  readonly open: string;
  /** What ends it; none: the end of the text alone. */
  readonly closes: readonly string[];
  readonly read: ReadCalls;
}

/** No opening is the beginning of another: which one stands there never depends on what follows. */
export const callForms: readonly CallForm[] = [
  { open: "<tool_call>", closes: ["</tool_call>"], read: taggedCall },
  { open: "<longcat_tool_call>", closes: ["</longcat_tool_call>"], read: taggedCall },
  { open: "<function=", closes: ["</function>"], read: (body, tools) => functionTags(`<function=${body}`, tools) },
  { open: "<minimax:tool_call>", closes: ["</minimax:tool_call>"], read: invokeTags },
  { open: "<|tool_calls_section_begin|>", closes: ["<|tool_calls_section_end|>"], read: kimiCalls },
  { open: "<start_function_call>", closes: ["<end_function_call>"], read: gemmaCalls },
  { open: "<|tool_call>", closes: ["<tool_call|>"], read: gemmaCalls },
  { open: "<|tool_call_start|>", closes: ["<|tool_call_end|>"], read: pythonCalls },
  { open: "```tool_code", closes: ["```"], read: pythonCalls },
  { open: "<|python_tag|>", closes: ["<|eom_id|>", "<|eot_id|>"], read: pythonCalls },
  { open: "[TOOL_CALLS]", closes: [], read: mistralCalls },
  { open: "functools[", closes: [], read: (body, tools) => jsonCalls(`[${body}`, tools) },
];

/** Harmony's own words: a channel's header, then its message. */
export const harmony = {
  channel: "<|channel|>",
  message: "<|message|>",
  ends: ["<|end|>", "<|call|>", "<|return|>", "<|start|>assistant"],
} as const;

/** Whether a text that begins so may be, or is, a call without any tag around it. */
export function bareCall(text: string, names: readonly string[]): "yes" | "no" | "maybe" {
  const begun = text.trimStart();
  if ("```json".startsWith(begun) || /^```(?:json)?[ \t]*$/.test(begun)) return "maybe";
  const [fence = ""] = /^```(?:json)?[ \t]*\n\s*/.exec(begun) ?? [];
  const rest = begun.slice(fence.length);
  if (rest === "") return "maybe";
  const opened = /^(?:\[\s*)?\{\s*/.exec(rest);
  if (!opened) return /^\[\s*$/.test(rest) ? "maybe" : "no";
  const key = rest.slice(opened[0].length);
  for (const quote of ['"', "'"]) {
    for (const word of ["name", "function", "type"]) {
      const whole = `${quote}${word}${quote}`;
      if (whole.startsWith(key)) return "maybe";
      if (key.startsWith(whole)) return word === "name" ? named(key.slice(whole.length), names) : "yes";
    }
  }
  return "no";
}

/** A name that is no tool's makes it an answer. */
function named(rest: string, names: readonly string[]): "yes" | "no" | "maybe" {
  const [, quote, begun = "", end] = /^\s*:\s*(["'])([^"']*)(["']?)/.exec(rest) ?? [];
  if (quote === undefined) return /^\s*(?::\s*)?$/.test(rest) ? "maybe" : "no";
  if (end) return names.includes(begun) ? "yes" : "no";
  return names.some((name) => name.startsWith(begun)) ? "maybe" : "no";
}

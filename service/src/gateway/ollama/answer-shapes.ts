import type { OllamaChatAnswer } from "../../contract/ollama.ts";
import type { FinishReason } from "../parts.ts";

/** What one line says. */
export interface Said {
  readonly text?: string;
  readonly thinking?: string;
  readonly calls?: readonly SaidCall[];
}

export interface SaidCall {
  readonly name: string;
  /** The text of a JSON object. */
  readonly arguments: string;
}

/** Where a route puts it. */
export type AnswerShape = (said: Said) => Readonly<Record<string, unknown>>;

/** Of `/api/chat`. */
export const chatShape: AnswerShape = ({ text = "", thinking, calls = [] }) => {
  const message: OllamaChatAnswer["message"] = {
    ...{ role: "assistant", content: text },
    ...(thinking ? { thinking } : {}),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(shownCall) }),
  };
  return { message };
};

/** Of `/api/generate`, which calls no tools. */
export const generateShape: AnswerShape = ({ text = "", thinking }) => ({
  response: text,
  ...(thinking ? { thinking } : {}),
});

function shownCall({ name, arguments: text }: SaidCall) {
  return { function: { name, arguments: JSON.parse(text) as Record<string, unknown> } };
}

/** Ollama tells neither a stop text nor a tool call from the model's own end. */
export const doneReasons = {
  stop: "stop",
  "stop-sequence": "stop",
  "tool-calls": "stop",
  "content-filter": "stop",
  length: "length",
} as const satisfies Record<FinishReason, string>;

import type { NormalMessage } from "../messages.ts";
import type { NormalRequest } from "../request.ts";
import type { BoundFormat } from "./format-check.ts";

/** The format as an instruction, in front, where it stays the same at every turn. */
export function askedInWords(request: NormalRequest, format: BoundFormat): NormalRequest {
  const what =
    format.type === "json-object" ? "one JSON object" : `JSON that fits this schema: ${JSON.stringify(format.schema)}`;
  const words = `Answer with nothing but ${what}`;
  const [first, ...rest] = request.messages;
  const messages: NormalMessage[] =
    first?.role === "system"
      ? [{ role: "system", text: `${first.text}\n\n${words}` }, ...rest]
      : [{ role: "system", text: words }, ...request.messages];
  return { ...request, messages, format: { type: "text" } };
}

/** The answer that did not fit, and why. */
export function askedAgain(request: NormalRequest, answer: string, problem: string): NormalRequest {
  const complaint = `That does not fit: ${problem}. Answer again, with nothing but the JSON.`;
  const messages: NormalMessage[] = [
    ...request.messages,
    { role: "assistant", text: answer, reasoning: null, toolCalls: [] },
    { role: "user", text: complaint, images: [] },
  ];
  return { ...request, messages };
}

/** Messages as every protocol is read into and every engine is written from. */
export type NormalMessage =
  | { readonly role: "system"; readonly text: string }
  | {
      readonly role: "user";
      readonly text: string;
      /** Data URIs, or addresses until they are fetched. */
      readonly images: readonly string[];
      /** Data URIs. */
      readonly sounds?: readonly string[];
    }
  | {
      readonly role: "assistant";
      readonly text: string;
      readonly reasoning: string | null;
      readonly toolCalls: readonly NormalToolCall[];
    }
  | { readonly role: "tool"; readonly callId: string; readonly text: string };

export interface NormalToolCall {
  readonly id: string;
  readonly name: string;
  /** Always the text of a JSON object: templates walk its keys. */
  readonly arguments: string;
}

export interface NormalTool {
  readonly name: string;
  readonly description: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** @param systemPrompt the profile's, put first when the client brings none. */
export function withSystemPrompt(messages: readonly NormalMessage[], systemPrompt: string | null): NormalMessage[] {
  const normal = mergeLeadingSystem(messages);
  if (systemPrompt === null || systemPrompt === "" || normal.some(({ role }) => role === "system")) return normal;
  return [{ role: "system", text: systemPrompt }, ...normal];
}

/** Some templates know one system message only, and clients send several in a row. */
function mergeLeadingSystem(messages: readonly NormalMessage[]): NormalMessage[] {
  const first = messages.findIndex(({ role }) => role !== "system");
  const leading = messages.slice(0, first === -1 ? messages.length : first);
  if (leading.length < 2) return [...messages];
  const text = leading.map((message) => (message.role === "system" ? message.text : "")).join("\n\n");
  return [{ role: "system", text }, ...messages.slice(leading.length)];
}

/** A call that was cut off stays in the client's history for good: wrapped, it does not break every later turn. */
export function objectText(text: string): string {
  if (text.trim() === "") return "{}";
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return text;
  } catch {
    return JSON.stringify({ arguments: text });
  }
  return JSON.stringify({ arguments: text });
}

import type { Dispatcher } from "undici";
import { request as sendRequest } from "undici";

/** What a request asks of the scripted engine (test/fakes/fake-engine/scripts.mjs). */
export type Script = Readonly<Record<string, unknown>>;

export interface ScriptedProtocol {
  readonly name: "chat" | "responses" | "messages" | "ollama";
  readonly path: string;
  body(model: string, text: string, stream: boolean): object;
  /** The answer's text in one event of a stream; undefined: none in it. */
  textOf(event: Record<string, never>): string | undefined;
  /** How a stream ended, if this event is its end. */
  endOf(event: Record<string, never>): "done" | "error" | undefined;
  /** The text of a whole answer. */
  wholeText(body: Record<string, never>): string;
}

type Loose = { readonly [Key in string]?: Loose } & { readonly [index: number]: Loose } & string;
const loose = (value: unknown): Loose => value as Loose;
const turn = (text: string) => [{ role: "user", content: text }];

export const protocols: readonly ScriptedProtocol[] = [
  {
    ...{ name: "chat", path: "/v1/chat/completions" },
    body: (model, text, stream) => ({ model, stream, messages: turn(text) }),
    textOf: (event) => loose(event)["choices"]?.[0]?.["delta"]?.["content"],
    endOf: (event) => (event["error"] ? "error" : loose(event)["choices"]?.[0]?.["finish_reason"] ? "done" : undefined),
    wholeText: (body) => loose(body)["choices"]?.[0]?.["message"]?.["content"] ?? "",
  },
  {
    ...{ name: "responses", path: "/v1/responses" },
    body: (model, text, stream) => ({ model, stream, input: text }),
    textOf: (event) => (event["type"] === "response.output_text.delta" ? event["delta"] : undefined),
    endOf: (event) =>
      event["type"] === "response.completed" ? "done" : event["type"] === "response.failed" ? "error" : undefined,
    wholeText: (body) => loose(body)["output"]?.[0]?.["content"]?.[0]?.["text"] ?? "",
  },
  {
    ...{ name: "messages", path: "/v1/messages" },
    body: (model, text, stream) => ({ model, stream, max_tokens: 4000, messages: turn(text) }),
    textOf: (event) => loose(event)["delta"]?.["text"],
    endOf: (event) => (event["type"] === "message_stop" ? "done" : event["type"] === "error" ? "error" : undefined),
    wholeText: (body) => loose(body)["content"]?.[0]?.["text"] ?? "",
  },
  {
    ...{ name: "ollama", path: "/api/chat" },
    body: (model, text, stream) => ({ model, stream, messages: turn(text) }),
    textOf: (event) => loose(event)["message"]?.["content"],
    endOf: (event) => (event["error"] ? "error" : event["done"] ? "done" : undefined),
    wholeText: (body) => loose(body)["message"]?.["content"] ?? "",
  },
];

export interface Asked {
  readonly address: string;
  readonly protocol: ScriptedProtocol;
  readonly model: string;
  readonly script: Script;
  readonly stream: boolean;
  /** Names the program that asks, and with it the request's row. */
  readonly client: string;
  readonly dispatcher?: Dispatcher | undefined;
  readonly signal?: AbortSignal | undefined;
}

export function send({ address, protocol, model, script, stream, client, dispatcher, signal }: Asked) {
  return sendRequest(`${address}${protocol.path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": client },
    body: JSON.stringify(protocol.body(model, `script: ${JSON.stringify(script)}`, stream)),
    ...(dispatcher === undefined ? {} : { dispatcher }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The JSON of each event or line as it comes; what only says that the client still waits comes as null. */
export async function* readAnswer(body: AsyncIterable<Uint8Array>): AsyncGenerator<Record<string, never> | null> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    if (rest === " ".repeat(rest.length) && rest !== "") yield null;
    for (const line of lines) {
      if (line.startsWith(":") || line === "event: ping") yield null;
      const json = line.trimStart().startsWith("{") ? line : line.startsWith("data: {") ? line.slice(6) : null;
      if (json !== null) yield JSON.parse(json) as Record<string, never>;
    }
  }
}

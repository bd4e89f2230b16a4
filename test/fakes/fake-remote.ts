import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

export interface RemoteRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: Record<string, unknown>;
}

export type RemoteAnswer = (request: RemoteRequest, response: ServerResponse) => void;

/** A service of OpenAI's protocol that does what a test says; `ok` by default. */
export interface FakeRemote {
  readonly url: string;
  readonly requests: RemoteRequest[];
  answer: RemoteAnswer;
  /** Resolves with the next request that comes. */
  next(): Promise<RemoteRequest>;
  close(): Promise<void>;
}

export async function startFakeRemote(tls?: { key: string; cert: string }): Promise<FakeRemote> {
  const requests: RemoteRequest[] = [];
  const waiting: ((request: RemoteRequest) => void)[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const seen = {
        ...{ path: request.url ?? "", authorization: request.headers.authorization, headers: request.headers },
        body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>,
      };
      requests.push(seen);
      waiting.splice(0).forEach((resolve) => resolve(seen));
      remote.answer(seen, response);
    });
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const remote: FakeRemote = {
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}/v1`,
    requests,
    answer: ok,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return remote;
}

/** Says hello, streamed or whole. */
export const ok: RemoteAnswer = ({ body }, response) => {
  if (body["stream"] !== true) return whole(response, "Hello.");
  stream(response, [
    { delta: { role: "assistant", content: "Hel" } },
    { delta: { content: "lo." } },
    { delta: {}, finish_reason: "stop" },
  ]);
};

/** One tool call, in the pieces that OpenAI sends it in. */
export const callsTool: RemoteAnswer = ({ body }, response) => {
  if (body["stream"] !== true) return whole(response, "Hello.");
  const call = (piece: object) => ({ delta: { tool_calls: [{ index: 0, ...piece }] } });
  stream(response, [
    call({ id: "call_1", type: "function", function: { name: "get_weather", arguments: "" } }),
    call({ function: { arguments: '{"city": ' } }),
    call({ function: { arguments: '"Paris"}' } }),
    { delta: { tool_calls: [{ index: 1, id: "call_2", function: { name: "get_time", arguments: "" } }] } },
    { delta: {}, finish_reason: "tool_calls" },
  ]);
};

/** A refusal that repeats the key, as some do. */
export function refuses(status: number, headers: Readonly<Record<string, string>> = {}): RemoteAnswer {
  return ({ authorization }, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify({ error: { message: `Incorrect key provided: ${authorization ?? "none"}` } }));
  };
}

/** Begins an answer and cuts the connection. */
export const cuts: RemoteAnswer = (_request, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(event({ delta: { content: "Hel" } }));
  setImmediate(() => response.destroy());
};

/** Takes the request and says nothing. */
export const hangs: RemoteAnswer = () => undefined;

function whole(response: ServerResponse, content: string): void {
  response.writeHead(200, { "content-type": "application/json" });
  const choice = { index: 0, message: { role: "assistant", content }, finish_reason: "stop" };
  response.end(JSON.stringify({ choices: [choice], usage: { prompt_tokens: 3, completion_tokens: 1 } }));
}

function stream(response: ServerResponse, choices: readonly object[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const choice of choices) response.write(event(choice));
  response.write(`data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } })}\n\n`);
  response.end("data: [DONE]\n\n");
}

function event(choice: object): string {
  return `data: ${JSON.stringify({ model: "their-name", choices: [{ index: 0, ...choice }] })}\n\n`;
}

import { once } from "node:events";
import http from "node:http";

export interface RawAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined when it is empty. */
  readonly json: unknown;
}

export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  /** `host` too, which `fetch` would not send. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  readonly agent?: http.Agent;
}

/** One request as a program without scruples would send it. */
export async function ask(address: string, options: RawRequest = {}): Promise<RawAnswer> {
  const { method = "GET", path = "/", headers = {}, body, agent } = options;
  const { hostname, port } = new URL(address);
  const request = http.request({
    ...{ host: hostname.replace(/^\[|\]$/g, ""), port, method, path, headers },
    ...(agent ? { agent } : {}),
  });
  // A server that has answered may stop reading; the answer is what counts.
  const answered = once(request, "response") as Promise<[http.IncomingMessage]>;
  request.on("error", () => undefined);
  request.end(body);
  const [response] = await answered;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  const isJson = response.headers["content-type"]?.startsWith("application/json") === true;
  return {
    ...{ status: response.statusCode ?? 0, headers: response.headers, text },
    json: isJson && text !== "" ? (JSON.parse(text) as unknown) : undefined,
  };
}

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request as ask } from "node:http";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { RequestEntry } from "../../../service/src/contract/requests.ts";
import { writeCachedModel } from "../../tools/cached-model.ts";
import { startTestService } from "../../tools/compose-test.ts";
import type { TestService } from "../../tools/compose-test.ts";
import { serviceApi } from "../../tools/service-api.ts";

const model = "own/scripted";
const key = "master-key-of-this-test-0123456789";
const bearer = { authorization: `Bearer ${key}` };
let home: string;
let service: TestService;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "mlx-manager-endings-"));
  await writeCachedModel(join(home, "hub"), model, { scripted: true });
  service = await startTestService({ home, environment: { MLX_MANAGER_API_KEY: key } });
}, 60_000);
afterAll(async () => {
  await service.close();
  rmSync(home, { recursive: true, force: true });
});

interface Ending {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: object | string;
  readonly status: number;
  /** Null: what is not a request to a model, or not known to be anybody's, leaves no row. */
  readonly row: Partial<RequestEntry> | null;
}

const chat = (script: object, change: object = {}) => ({
  ...{ model, messages: [{ role: "user", content: `script: ${JSON.stringify(script)}` }] },
  ...change,
});
const failed = { status: 502, errorCode: "engine_failed", errorSource: "engine", finishReason: null } as const;
const endings: Readonly<Record<string, Ending>> = {
  answered: { body: chat({ text: "Here." }), status: 200, row: { status: 200, finishReason: "stop" } },
  "cut-by-the-engine": { body: chat({ at: 2, then: "cut" }), status: 502, row: failed },
  "refused-by-the-engine": { body: chat({ status: 500 }), status: 502, row: failed },
  "dropped-by-the-engine": {
    body: chat({ dropOnce: true, name: "d", text: "Here." }),
    status: 200,
    row: { status: 200 },
  },
  "two-answers": { body: chat({}, { n: 2 }), status: 400, row: { status: 400, errorCode: "unsupported" } },
  "no-json": { body: "{oops", status: 400, row: { status: 400, errorCode: "invalid_request", model: null } },
  "no-model": { body: chat({}, { model: "no/such" }), status: 404, row: { status: 404, errorCode: "model_not_found" } },
  "no-body": { path: "/v1/messages", body: {}, status: 400, row: { status: 400, protocol: "anthropic" } },
  "ollama-refusal": { path: "/api/chat", body: { model: 5 }, status: 400, row: { status: 400, protocol: "ollama" } },
  "without-a-key": { headers: {}, body: chat({}), status: 401, row: null },
  "wrong-key": { headers: { authorization: "Bearer wrong-key-0123456789" }, body: chat({}), status: 401, row: null },
  "unknown-route": { path: "/v1/nothing", body: chat({}), status: 404, row: null },
  "other-method": { method: "GET", status: 405, row: null },
  "foreign-host": { headers: { ...bearer, host: "evil.example" }, body: chat({}), status: 403, row: null },
};

/** With node:http: fetch chooses the host by itself. */
async function end(name: string, { path = "/v1/chat/completions", method = "POST", headers = bearer, body }: Ending) {
  const all = { "content-type": "application/json", "user-agent": `${name}/1`, ...headers };
  const sent = ask(new URL(path, service.address), { method, headers: all, agent: false });
  sent.end(typeof body === "string" ? body : JSON.stringify(body));
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  return response.statusCode;
}

const rows = async (): Promise<RequestEntry[]> =>
  (await serviceApi(service.address, bearer).get<{ items: RequestEntry[] }>("/api/requests?limit=200")).items;

test("every request to a model leaves one row however it ends, and nothing else does", async () => {
  for (const [name, ending] of Object.entries(endings))
    expect([name, await end(name, ending)]).toEqual([name, ending.status]);
  const written = await rows();
  for (const [name, { row }] of Object.entries(endings)) {
    const own = written.filter(({ client }) => client === name);
    expect([name, own]).toEqual([name, row === null ? [] : [expect.objectContaining({ ...row, clientLeft: false })]]);
  }
});

test("a client that leaves in the middle of its own body is one that left", async () => {
  const headers = {
    ...bearer,
    "content-type": "application/json",
    "content-length": "1000",
    "user-agent": "halfway/1",
  };
  const sent = ask(`${service.address}/v1/chat/completions`, { method: "POST", headers, agent: false });
  sent.on("error", () => undefined);
  const told = serviceApi(service.address, bearer).until("requests", ({ event, snapshot }) => {
    if (snapshot) sent.write('{"model":', () => setImmediate(() => sent.destroy()));
    return event?.type === "request.finished" && event.data.client === "halfway" ? event.data : null;
  });
  expect(await told).toMatchObject({ clientLeft: true, status: 499, errorCode: null, model: null });
});

import { once } from "node:events";
import { createServer } from "node:http";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { envelope, planAnswer, wholeAnswer } from "./answer.mjs";
import { pythonJson } from "./python-json.mjs";
import { createScripts } from "./scripts.mjs";

const CHAT_PATHS = ["/v1/chat/completions", "/chat/completions"];
const TEXT_PATH = "/v1/completions";
const VECTOR_PATH = "/v1/embeddings";

/** Listens on the first free port from `flags.portStart` (0 = any) and answers as the engine behind the launcher does. */
export async function startServer({ flags, token, record, faults }) {
  const state = { completions: 0 };
  const scripts = createScripts({ flags, record });
  const server = createServer((request, response) => {
    // The engine speaks HTTP/1.0: no keep-alive, no chunked transfer, a stream ends with its connection.
    response.shouldKeepAlive = false;
    response.useChunkedEncodingByDefault = false;
    if (request.headers["x-mlx-manager-token"] !== token) {
      return answerJson(response, 401, { error: "unauthorized: x-mlx-manager-token is missing or wrong" });
    }
    if (request.method === "GET" && request.url === "/health") return answerJson(response, 200, { status: "ok" });
    if (request.method === "POST" && request.url === VECTOR_PATH) return void embed({ request, response, record });
    if (request.method !== "POST" || ![...CHAT_PATHS, TEXT_PATH].includes(request.url))
      return response.writeHead(404).end("Not Found");
    return void complete({ request, response, flags, record, state, faults, scripts });
  });
  server.keepAliveTimeout = 0;
  return { port: await listen(server, flags) };
}

async function listen(server, flags) {
  for (let port = flags.portStart; port < flags.portStart + flags.portCount; port += 1) {
    try {
      server.listen(port, flags.host);
      await once(server, "listening");
      return server.address().port;
    } catch (error) {
      if (error.code !== "EADDRINUSE") throw error;
    }
  }
  throw new Error(`no free port from ${flags.portStart} on`);
}

async function complete({ request, response, record, state, faults, scripts, ...rest }) {
  if (request.headers["content-length"] === undefined) {
    return answerJson(response, 411, { error: "Content-Length header is required" });
  }
  const body = await readBody(request);
  const problem = body instanceof Error ? `Invalid JSON in request body: ${body.message}` : refusal(body);
  const script = scripts.of(body, { request, response });
  const flags = { ...rest.flags, ...script.flags };
  if (!script.isQuiet)
    record({ type: "request", path: request.url, body: problem && body instanceof Error ? null : body });
  if (problem) return answerJson(response, 400, { error: problem });
  if (script.instead !== undefined) return script.instead(answerJson);
  if (flags.closeOn !== undefined && JSON.stringify(body).includes(flags.closeOn)) return request.socket.destroy();

  if (state.completions >= (flags.hangAfter ?? Infinity)) {
    response.once("close", () => record({ type: "disconnect", tokensSent: 0 }));
    return;
  }
  faults.completion(state.completions);
  state.completions += 1;
  if (flags.firstTokenDelayMs > 0) await delay(flags.firstTokenDelayMs);
  const plan = planAnswer(body, flags);
  if (!body.stream) return await answerWhole({ response, body, plan, flags, record });
  return await answerStream({ response, body, plan, flags, record, faults, script });
}

/** A vector of each text: its length, its place and a half. */
async function embed({ request, response, record }) {
  const body = await readBody(request);
  record({ type: "request", path: request.url, body: body instanceof Error ? null : body });
  if (!Array.isArray(body.input)) return answerJson(response, 400, { error: "input must be a list of texts" });
  const data = body.input.map((text, index) => ({ object: "embedding", index, embedding: [text.length, index, 0.5] }));
  const tokens = body.input.join("").length;
  answerJson(response, 200, { object: "list", data, usage: { prompt_tokens: tokens, total_tokens: tokens } });
}

async function answerWhole({ response, body, plan, flags, record }) {
  for (let sent = 0; sent < plan.deltas.length; sent += 1) await pace(flags, sent);
  // The engine runs a whole answer to its end even when nobody waits for it any more.
  if (response.destroyed) return record({ type: "disconnect", tokensSent: plan.deltas.length });
  answerJson(response, 200, wholeAnswer(body, plan));
}

async function answerStream({ response, body, plan, flags, record, faults, script }) {
  response.writeHead(200, { "Content-type": "text/event-stream", "Cache-Control": "no-cache" });
  // The engine's text completions have its deltas' content as their text, and nothing else of them.
  const isText = body.prompt !== undefined;
  const fields = envelope(body, isText ? "text_completion" : "chat.completion.chunk");
  const choice = isText ? textChoice : chatChoice;
  const steps = flags.prefillKeepalives;
  for (let step = 1; step <= steps; step += 1) {
    const processed = Math.ceil((plan.usage.prompt_tokens * step) / steps);
    await write(response, `: keepalive ${processed}/${plan.usage.prompt_tokens}\n\n`);
    await script.reached("prefill", step);
    if (step < steps) await pace(flags, step);
  }
  let sent = 0;
  for (const delta of plan.deltas) {
    await pace(flags, sent);
    if (response.destroyed) return script.isQuiet ? undefined : record({ type: "disconnect", tokensSent: sent });
    await write(response, event({ ...fields, choices: [choice(null, delta)] }));
    sent += 1;
    await faults.tokens(sent);
    await script.reached("token", sent);
  }
  if (!flags.silentClose) {
    await write(response, event({ ...fields, choices: [choice(plan.finishReason, {})] }));
    if (body.stream_options?.include_usage) {
      await write(response, event({ ...fields, object: "chat.completion", choices: [], usage: plan.usage }));
    }
    await write(response, "data: [DONE]\n\n");
  }
  if (response.destroyed) return script.isQuiet ? undefined : record({ type: "disconnect", tokensSent: sent });
  response.end();
}

/** What the launcher refuses so that the engine survives, in the engine's own words where it has some. */
function refusal(body) {
  if ((body.model ?? "default_model") !== "default_model") return "model must be default_model";
  if (body.prompt !== undefined && (typeof body.prompt !== "string" || body.prompt === "")) {
    return "prompt must be a text that is not empty";
  }
  if (body.prompt === undefined && !Array.isArray(body.messages)) return "Request did not contain messages";
  if (body.temperature === null) return "temperature must be of type ('float', 'int')";
  if (body.stream !== undefined && typeof body.stream !== "boolean") return "stream must be of type bool";
  return undefined;
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    return error;
  }
}

function textChoice(finishReason, { content = "" }) {
  return { index: 0, finish_reason: finishReason, text: content };
}

function chatChoice(finishReason, { logprobs, ...delta }) {
  return { index: 0, finish_reason: finishReason, logprobs, delta: { role: "assistant", ...delta } };
}

function event(chunk) {
  return `data: ${pythonJson(chunk)}\n\n`;
}

/** Resolves when the bytes left for the kernel, so that a crash "after N tokens" really sent N. */
function write(response, text) {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve();
    // A client that goes while bytes are queued never calls back.
    response.once("close", resolve);
    response.write(text, () => {
      response.off("close", resolve);
      resolve();
    });
  });
}

function pace(flags, sent) {
  return flags.tokenDelayMs > 0 && sent > 0 ? delay(flags.tokenDelayMs) : nextTurn();
}

function answerJson(response, status, body) {
  const text = pythonJson(body);
  response.writeHead(status, { "Content-type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

// The engine behind every contender: answers as mlx_lm.server does (HTTP/1.0, a stream ends with its connection), from
// chunks rendered beforehand, so that the gateway is what is measured. What it does is the script in the last message.
// Prints its port as one JSON line and runs until its standard input ends.
import { createServer } from "node:http";

const envelope =
  '"id": "chatcmpl-8a6f3c1e-4a52-4d0e-9a52-6d1c5b8f2e77", "system_fingerprint": "0.32.2-0.32.4-scripted", "object": "chat.completion.chunk", "model": "default_model", "created": 1790000000';
const chunk = (finish, delta) =>
  `data: {${envelope}, "choices": [{"index": 0, "finish_reason": ${finish}, "delta": {"role": "assistant"${delta}}}]}\n\n`;
const words = ["The", " quick", " brown", " fox", " jumps", " over", " the", " lazy"];
const tokens = words.map((word) => Buffer.from(chunk("null", `, "content": ${JSON.stringify(word)}`)));
// At full speed one write holds so many tokens: the engine must not be what limits a gateway.
const burst = Buffer.concat(tokens);

/** Generations that go on, by how they go on. */
const racing = new Set();
const paced = new Set();
let isRacing = false;
let lastEnd = null;

const server = createServer((request, response) => {
  response.shouldKeepAlive = false;
  response.useChunkedEncodingByDefault = false;
  if (request.url === "/last-end") return answer(response, 200, lastEnd);
  if (request.method !== "POST") return answer(response, 200, { status: "ok" });
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => begin(request, response, Buffer.concat(pieces).toString("utf8")));
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
// One step for all of them, as an engine decodes in batches; by the clock, so that no step drifts.
const stepMs = 20;
let nextStep = performance.now();
const step = () => {
  for (const generation of paced) generation.advance(1);
  while (nextStep <= performance.now()) nextStep += stepMs;
  setTimeout(step, nextStep - performance.now());
};
step();

function begin(request, response, text) {
  const body = parse(text);
  if (body === null) return answer(response, 400, { error: "Invalid JSON in request body" });
  // The engine's own checks throw where nobody catches: the connection is closed without a word.
  const isText = request.url === "/v1/completions" && typeof body.prompt === "string";
  if ((!isText && !Array.isArray(body.messages)) || body.temperature === null) return request.socket.destroy();
  const script = scriptOf(isText ? body.prompt : body.messages.at(-1)?.content);
  if (script.hangs) return;
  const run = () => (body.stream === true ? stream(request, response, body, script) : whole(request, response, script));
  if (script.prefillMs === undefined) return run();
  return prefill(response, body.stream === true, script.prefillMs, run);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Comments that say how far the prompt is read, as a stream gets them; a whole answer's client hears nothing. */
function prefill(response, isStream, milliseconds, done) {
  const steps = 10;
  let at = 0;
  const timer = setInterval(() => {
    at += 1;
    if (isStream) open(response).write(`: keepalive ${at * 512}/${steps * 512}\n\n`);
    if (at < steps) return;
    clearInterval(timer);
    done();
  }, milliseconds / steps);
}

function stream(request, response, body, script) {
  const socket = open(response);
  const wanted = script.tokens ?? 16;
  let sent = 0;
  const finish = () => {
    stop("its end");
    const usage = `"usage": {"prompt_tokens": 12, "completion_tokens": ${wanted}, "total_tokens": ${12 + wanted}}`;
    const last = body.stream_options?.include_usage ? `data: {${envelope}, "choices": [], ${usage}}\n\n` : "";
    socket.end(`${chunk('"stop"', "")}${last}data: [DONE]\n\n`);
  };
  const generation = {
    get isReady() {
      return !socket.writableNeedDrain;
    },
    advance(count) {
      const left = Math.min(wanted, script.diesAfter ?? wanted, script.stallsAfter ?? wanted) - sent;
      const now = Math.min(count, left);
      if (now === tokens.length) socket.write(burst);
      else for (let index = 0; index < now; index += 1) socket.write(tokens[(sent + index) % tokens.length]);
      sent += now;
      if (now < left) return;
      if (sent === wanted) return finish();
      if (script.diesAfter !== undefined) socket.end();
      stop("its fault");
    },
  };
  const stop = (why) => {
    racing.delete(generation);
    paced.delete(generation);
    lastEnd ??= { why, tokens: sent, at: Date.now() };
  };
  lastEnd = null;
  socket.once("close", () => stop("the connection's end"));
  if (script.paced) paced.add(generation);
  else race(generation);
}

/** In the engine, nobody looks whether the client of a whole answer is still there: it is worked out to its end. */
function whole(request, response, script) {
  const wanted = script.tokens ?? 16;
  lastEnd = null;
  const done = () => {
    lastEnd = { why: "its end", tokens: wanted, at: Date.now() };
    if (script.diesAfter !== undefined) return request.socket.destroy();
    const content = Array.from({ length: wanted }, (_, index) => words[index % words.length]).join("");
    const choice = { index: 0, finish_reason: "stop", message: { role: "assistant", content } };
    const usage = { prompt_tokens: 12, completion_tokens: wanted, total_tokens: 12 + wanted };
    answer(response, 200, { ...identity, object: "chat.completion", choices: [choice], usage });
  };
  if (script.paced) setTimeout(done, (script.diesAfter ?? wanted) * stepMs);
  else done();
}

const identity = { id: "chatcmpl-8a6f3c1e", model: "default_model", created: 1790000000 };

/** Streams with everything ready go on in turns, one write each. */
function race(generation) {
  racing.add(generation);
  if (isRacing) return;
  isRacing = true;
  const turn = () => {
    for (const one of racing) if (one.isReady) one.advance(tokens.length);
    isRacing = racing.size > 0;
    if (isRacing) setImmediate(turn);
  };
  turn();
}

function open(response) {
  if (!response.headersSent) {
    response.writeHead(200, { "Content-type": "text/event-stream", "Cache-Control": "no-cache" });
    response.flushHeaders();
  }
  return response.socket;
}

function answer(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { "Content-type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

function scriptOf(content) {
  const text = typeof content === "string" ? content : (content?.[0]?.text ?? "");
  return text.startsWith("{") ? JSON.parse(text) : {};
}

import { randomUUID } from "node:crypto";

const DEFAULT_TEXT = "Hello from the fake engine.";
const REASONING = ["The", " user", " wants", " an", " answer", ".", "\n"];

/**
 * What one request gets: deltas in order (one token each), the finish reason and the usage, shaped as mlx_lm.server
 * 0.32.2 shapes them (recordings in test/fixtures/mlx-lm).
 */
export function planAnswer(body, flags) {
  const deltas = [];
  const calls = flags.toolCall && body.tools?.length > 0 && body.messages?.at(-1)?.role !== "tool";
  if (flags.reasoning) deltas.push(...REASONING.map((reasoning) => ({ reasoning })));
  if (calls) deltas.push({ tool_calls: [toolCall(body.tools[0], flags.toolArguments)] });
  else deltas.push(...words(flags).map((content) => ({ content })));
  if (flags.reasoning && !calls) deltas[REASONING.length].content = `\n\n${deltas[REASONING.length].content}`;

  const limit = body.max_completion_tokens ?? body.max_tokens ?? 4096;
  const cut = deltas.length > limit;
  const sent = deltas.slice(0, limit);
  const promptTokens = JSON.stringify(body.messages ?? body.prompt ?? "").length;
  return {
    deltas: sent,
    finishReason: cut ? "length" : calls ? "tool_calls" : "stop",
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: sent.length,
      total_tokens: promptTokens + sent.length,
      prompt_tokens_details: { cached_tokens: 0 },
    },
  };
}

/** The fields every chunk and every whole answer of one request share. */
export function envelope(body, object) {
  return {
    id: `chatcmpl-${randomUUID()}`,
    system_fingerprint: "0.32.2-0.32.4-fake",
    object,
    model: body.model ?? "default_model",
    created: Math.floor(Date.now() / 1000),
  };
}

/** The answer in one piece, as without `stream`. */
export function wholeAnswer(body, plan) {
  const joined = (key) => plan.deltas.map((delta) => delta[key] ?? "").join("");
  const calls = plan.deltas.flatMap((delta) => delta.tool_calls ?? []);
  const message = { role: "assistant", content: joined("content") || null };
  if (joined("reasoning")) message.reasoning = joined("reasoning");
  if (calls.length > 0) message.tool_calls = calls.map(({ index: _index, ...call }) => call);
  return {
    ...envelope(body, "chat.completion"),
    choices: [{ index: 0, finish_reason: plan.finishReason, message }],
    usage: plan.usage,
  };
}

function words(flags) {
  if (flags.tokens !== undefined) {
    return Array.from({ length: flags.tokens }, (_, index) => (index === 0 ? "t0" : ` t${index}`));
  }
  return (flags.text ?? DEFAULT_TEXT).match(/\s*\S+|\s+$/g) ?? [];
}

function toolCall(tool, toolArguments) {
  return {
    function: { name: tool.function.name, arguments: toolArguments },
    type: "function",
    id: randomUUID(),
    index: 0,
  };
}

import { randomUUID } from "node:crypto";
import { playTask } from "./agent-task.mjs";
import { createPromptCache, obligingAnswer, withLogprobs } from "./obliging.mjs";

const DEFAULT_TEXT = "Hello from the fake engine.";
const REASONING = ["The", " user", " wants", " an", " answer", ".", "\n"];
const LONG_REASONING = [...REASONING.slice(0, -1), " So", " I", " give", " it", " one", " at", " once", ".\n"];
const cache = createPromptCache();

/**
 * What one request gets: deltas in order (one token each), the finish reason and the usage, shaped as mlx_lm.server
 * 0.32.2 shapes them (recordings in test/fixtures/mlx-lm).
 */
export function planAnswer(body, flags) {
  const deltas = [];
  const obliged = flags.agentTask ? playTask(body) : obligingAnswer(body, flags);
  const call = obliged === undefined ? usualCall(body, flags) : obliged.call;
  const calls = obliged?.calls ?? (call ? [call] : []);
  const thinks = flags.reasoning && body.chat_template_kwargs?.enable_thinking !== false && body.prompt === undefined;
  const thoughts = !thinks ? [] : flags.obliging ? LONG_REASONING : REASONING;
  deltas.push(...thoughts.map((reasoning) => ({ reasoning })));
  if (calls.length > 0 && obliged?.text) deltas.push(...words(obliged).map((content) => ({ content })));
  deltas.push(...calls.map((one, index) => ({ tool_calls: [toolCall(one, index)] })));
  if (calls.length === 0) deltas.push(...words({ ...flags, ...obliged }).map((content) => ({ content })));
  if (thinks && calls.length === 0) deltas[thoughts.length].content = `\n\n${deltas[thoughts.length].content}`;

  const limit = body.max_completion_tokens ?? body.max_tokens ?? 4096;
  const cut = deltas.length > limit;
  const sent = deltas.slice(0, limit).map((delta) => withLogprobs(delta, body, flags));
  const prompt = JSON.stringify(body.messages ?? body.prompt ?? "");
  const promptTokens = prompt.length;
  return {
    deltas: sent,
    finishReason: cut ? "length" : calls.length > 0 ? "tool_calls" : "stop",
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: sent.length,
      total_tokens: promptTokens + sent.length,
      prompt_tokens_details: { cached_tokens: flags.obliging ? cache.cachedOf(prompt) : 0 },
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
  if (flags.tokenBytes !== undefined) return Array.from({ length: flags.tokens }).fill("x".repeat(flags.tokenBytes));
  if (flags.tokens !== undefined) {
    return Array.from({ length: flags.tokens }, (_, index) => (index === 0 ? "t0" : ` t${index}`));
  }
  return (flags.text ?? DEFAULT_TEXT).match(/\s*\S+|\s+$/g) ?? [];
}

function usualCall(body, flags) {
  const calls = flags.toolCall && body.tools?.length > 0 && body.messages?.at(-1)?.role !== "tool";
  return calls ? { name: body.tools[0].function.name, arguments: flags.toolArguments } : undefined;
}

function toolCall(call, index) {
  return {
    function: call,
    type: "function",
    id: randomUUID(),
    index,
  };
}

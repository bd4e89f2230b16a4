import { AppError } from "../../../platform/errors.ts";
import type { NormalMessage } from "../../messages.ts";
import type { ModelLimits, NormalRequest } from "../../request.ts";

/**
 * The body for `mlx_lm.server` 0.32. Always streamed, never a null, no `stop` and no `xtc_*`, and `default_model`: any
 * other name unloads the model and loads, or downloads, another.
 * @throws AppError `unsupported` for images.
 */
export function mlxLmRequest(request: NormalRequest, { vocabularySize }: ModelLimits): Record<string, unknown> {
  const { sampling, template, tools } = request;
  const topK = sampling.topK === undefined ? undefined : clampTopK(sampling.topK, vocabularySize);
  const body = {
    model: "default_model",
    messages: request.messages.map(engineMessage),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: request.maxTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: topK,
    min_p: sampling.minP,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    repetition_penalty: sampling.repetitionPenalty,
    seed: sampling.seed,
    logit_bias: sampling.logitBias.size === 0 ? undefined : Object.fromEntries(sampling.logitBias),
    tools:
      tools.length === 0
        ? undefined
        : tools.map(({ name, description, parameters }) => ({
            type: "function",
            function: { name, ...(description === null ? {} : { description }), parameters },
          })),
    chat_template_kwargs: Object.keys(template).length === 0 ? undefined : template,
  };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

/** `top_k` at or over the vocabulary kills the engine; it means all tokens, and so does 0. */
function clampTopK(topK: number, vocabularySize: number | null): number {
  return vocabularySize !== null && topK >= vocabularySize ? 0 : topK;
}

function engineMessage(message: NormalMessage): Record<string, unknown> {
  switch (message.role) {
    case "system":
      return { role: "system", content: message.text };
    case "user":
      if (message.images.length > 0) {
        throw new AppError("unsupported", "This model reads text only. Choose a model with vision for images.", {
          details: { param: "messages" },
        });
      }
      return { role: "user", content: message.text };
    case "assistant":
      return {
        role: "assistant",
        content: message.text,
        ...(message.reasoning === null ? {} : { reasoning_content: message.reasoning }),
        ...(message.toolCalls.length === 0 ? {} : { tool_calls: message.toolCalls.map(engineCall) }),
      };
    case "tool":
      return { role: "tool", tool_call_id: message.callId, content: message.text };
  }
}

function engineCall({ id, name, arguments: text }: { id: string; name: string; arguments: string }) {
  return { id, type: "function", function: { name, arguments: text } };
}

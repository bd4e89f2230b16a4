import type { ModelLimits, NormalRequest } from "../../request.ts";
import { answerGrammar } from "../../answer-format.ts";
import { chatMessages, chatSampling, chatTools, withoutUndefined } from "../chat-body.ts";

/**
 * The body for `mlx_lm.server` 0.32. Always streamed, never a null, no `stop` and no `xtc_*`, and `default_model`: any
 * other name unloads the model and loads, or downloads, another.
 */
export function mlxLmRequest(request: NormalRequest, { vocabularySize }: ModelLimits): Record<string, unknown> {
  const { template } = request;
  return withoutUndefined({
    model: "default_model",
    messages: chatMessages(request.messages, { reasoning: true }),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: request.maxTokens,
    ...chatSampling(request.sampling, vocabularySize),
    tools: chatTools(request.tools),
    answer_grammar: answerGrammar(request),
    answer_logprobs: request.topLogprobs === undefined ? undefined : { top: request.topLogprobs },
    continue_answer: request.continuation === "never" ? undefined : true,
    chat_template_kwargs: Object.keys(template).length === 0 ? undefined : template,
  });
}

import type { ModelLimits, NormalRequest } from "../../request.ts";
import { nativeFormat } from "../../answer-format.ts";
import { chatMessages, chatSampling, chatTools, withoutUndefined } from "../chat-body.ts";

/** The body for `mlx-openai-server` 1.8: tools reach the template only with a `tool_choice`, which it takes as "none". */
export function mlxOpenAiRequest(request: NormalRequest, { vocabularySize }: ModelLimits): Record<string, unknown> {
  const { template } = request;
  const tools = chatTools(request.tools);
  return withoutUndefined({
    model: "default_model",
    messages: chatMessages(request.messages, { reasoning: true }),
    stream: true,
    stream_options: { include_usage: true },
    max_completion_tokens: request.maxTokens,
    ...chatSampling(request.sampling, vocabularySize),
    tools,
    tool_choice: tools && "auto",
    ...nativeFormat(withSchema(request)),
    chat_template_kwargs: Object.keys(template).length === 0 ? undefined : template,
  });
}

/** It passes over `json_object` without a word; a schema it enforces. */
function withSchema(request: NormalRequest): NormalRequest {
  if (request.format.type !== "json-object") return request;
  return { ...request, format: { type: "json-schema", name: "answer", schema: { type: "object" } } };
}

import { AppError } from "../../../platform/errors.ts";
import type { ModelLimits, NormalRequest } from "../../request.ts";
import { nativeFormat } from "../../answer-format.ts";
import { chatMessages, chatSampling, chatTools, withoutUndefined } from "../chat-body.ts";

/** Variables of the chat template that the engine takes, as fields of the request itself. */
const templateFields = ["enable_thinking", "reasoning_effort", "thinking_budget"];
/** `enable_thinking` under the name that some templates use: it says the same. */
const sameAsField = "thinking";

/**
 * The body for `mlx_vlm.server` 0.7. It would write long conversations anew by itself unless it is told not to.
 * @throws AppError `unsupported` for variables that it does not give to the template.
 */
export function mlxVlmRequest(request: NormalRequest, { vocabularySize }: ModelLimits): Record<string, unknown> {
  return withoutUndefined({
    model: "default_model",
    messages: chatMessages(request.messages, { reasoning: true }),
    stream: true,
    stream_options: { include_usage: true },
    context_management: [],
    max_tokens: request.maxTokens,
    ...chatSampling(request.sampling, vocabularySize),
    tools: chatTools(request.tools),
    ...nativeFormat(request),
    ...templateOf(request.template),
  });
}

function templateOf(template: NormalRequest["template"]): Record<string, unknown> {
  const names = Object.keys(template).filter((name) => name !== sameAsField);
  const unknown = names.find((name) => !templateFields.includes(name));
  if (unknown !== undefined) {
    const message = `"chat_template_kwargs" cannot be honoured: models that see take ${templateFields.join(", ")} alone, not ${unknown.slice(0, 40)}.`;
    throw new AppError("unsupported", message, { details: { param: "chat_template_kwargs" } });
  }
  return Object.fromEntries(names.map((name) => [name, template[name]]));
}

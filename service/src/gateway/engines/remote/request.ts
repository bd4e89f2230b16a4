import type { ProfileRemote } from "../../../contract/profile-kinds.ts";
import type { NormalRequest } from "../../request.ts";
import { nativeFormat } from "../../answer-format.ts";
import { chatMessages, chatSampling, chatTools, withoutUndefined } from "../chat-body.ts";

/**
 * The body for an OpenAI-compatible service: what is part of that protocol, and of its extensions what the client or the
 * profile asked for: what was left open, the service decides. `model` is the name that the service knows.
 */
export function remoteRequest(request: NormalRequest, remote: Pick<ProfileRemote, "model">): Record<string, unknown> {
  return withoutUndefined({
    model: remote.model,
    messages: chatMessages(request.messages, { hasBareSounds: true, reasoning: true }),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: request.isMaxTokensSaid ? request.maxTokens : undefined,
    ...chatSampling(request.sampling, null),
    // Enforced here as well; there it saves tokens.
    stop: request.stop.length === 0 ? undefined : request.stop.slice(0, mostStops),
    tools: chatTools(request.tools),
    ...nativeFormat(request),
    ...(request.topLogprobs === undefined ? {} : { logprobs: true, top_logprobs: request.topLogprobs }),
    ...(request.continuation === "must" ? { continue_final_message: true, add_generation_prompt: false } : {}),
    chat_template_kwargs: Object.keys(request.template).length === 0 ? undefined : request.template,
  });
}

/** OpenAI refuses more; the others are enforced here alone. */
const mostStops = 4;

import type { ProfileRemote } from "../../../contract/profile-kinds.ts";
import type { NormalRequest } from "../../request.ts";
import { chatMessages, chatSampling, chatTools, withoutUndefined } from "../chat-body.ts";

/**
 * The body for an OpenAI-compatible service: what is part of that protocol, and of its extensions what the client or the
 * profile asked for. `model` is the name that the service knows.
 * @param maxTokens as the client or the profile says; left out, the service decides.
 */
export function remoteRequest(
  request: NormalRequest,
  remote: Pick<ProfileRemote, "model">,
  maxTokens: number | undefined,
): Record<string, unknown> {
  return withoutUndefined({
    model: remote.model,
    messages: chatMessages(request.messages, { reasoning: true }),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: maxTokens,
    ...chatSampling(request.sampling, null),
    // Enforced here as well; there it saves tokens.
    stop: request.stop.length === 0 ? undefined : request.stop.slice(0, mostStops),
    tools: chatTools(request.tools),
    chat_template_kwargs: Object.keys(request.template).length === 0 ? undefined : request.template,
  });
}

/** OpenAI refuses more; the others are enforced here alone. */
const mostStops = 4;

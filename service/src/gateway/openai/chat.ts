import type { ServerResponse } from "node:http";
import { ChatRequest } from "../../contract/openai.ts";
import { invalidRequest } from "../../platform/http/route.ts";
import { answer } from "../answer.ts";
import type { EndpointInput } from "../answer.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { checkParameters } from "../parameters.ts";
import { readChat } from "./read-chat.ts";
import { chatCompletion } from "./whole.ts";
import { createChatWriter } from "./writer.ts";

/** `POST /v1/chat/completions`. @throws AppError before the first byte of an answer. */
export async function answerChat(
  dependencies: GatewayDependencies,
  input: EndpointInput,
  response: ServerResponse,
): Promise<void> {
  const request = parseRequest(input);
  input.track.understood({ droppedKeys: checkParameters(request) });
  const includeUsage = request.stream_options?.include_usage === true;
  const forms = {
    idPrefix: "chatcmpl",
    writer: ({ id, model, created }: { id: string; model: string; created: number }) =>
      createChatWriter({ id, model, created, includeUsage }),
    whole: chatCompletion,
  };
  return answer(dependencies, input, readChat(request), forms, response);
}

function parseRequest({ body, track }: EndpointInput): ChatRequest {
  const parsed = ChatRequest.safeParse(body ?? {});
  if (!parsed.success) throw invalidRequest(parsed.error, "body");
  // Before the table judges the keys: a refused request has its row too.
  const { stream, model } = parsed.data;
  track.understood({ streamed: stream === true, requestedModel: model ?? null });
  return parsed.data;
}

import type { ServerResponse } from "node:http";
import { MessagesRequest } from "../../contract/anthropic.ts";
import { answer } from "../answer.ts";
import type { AnswerForms, EndpointInput } from "../answer.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { marksCache } from "./cache-marks.ts";
import { checkMessages } from "./parameters.ts";
import { parseBody } from "./parse-body.ts";
import { readMessages } from "./read-messages.ts";
import { anthropicMessage } from "./whole.ts";
import { createMessagesWriter } from "./writer.ts";

/** `POST /v1/messages`. @throws AppError before the first byte of an answer. */
export async function answerMessages(
  dependencies: GatewayDependencies,
  input: EndpointInput,
  response: ServerResponse,
): Promise<void> {
  const { body, track } = input;
  const request = parseBody(MessagesRequest, body);
  // Before the table judges the keys: a refused request has its row too.
  track.understood({ streamed: request.stream === true, requestedModel: request.model ?? null });
  track.understood({ droppedKeys: checkMessages(request) });
  const isMarked = marksCache(request);
  const forms: AnswerForms = {
    idPrefix: "msg",
    writer: (run) => createMessagesWriter({ ...run, marksCache: isMarked }),
    whole: (whole, run) => anthropicMessage(whole, { ...run, marksCache: isMarked }),
  };
  return answer(dependencies, input, readMessages(request), forms, response);
}

import type { ServerResponse } from "node:http";
import { CompletionRequest } from "../../contract/completions.ts";
import { invalidRequest } from "../../platform/http/route.ts";
import { answer } from "../answer.ts";
import type { AnswerForms, EndpointInput } from "../answer.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { checkParameters } from "../parameters.ts";
import { completionParameters } from "./completion-parameters.ts";
import { createCompletionWriter, textCompletion } from "./completion-writer.ts";
import { readCompletion } from "./read-completion.ts";

/** `POST /v1/completions`. @throws AppError before the first byte of an answer. */
export async function answerCompletion(
  dependencies: GatewayDependencies,
  input: EndpointInput,
  response: ServerResponse,
): Promise<void> {
  const parsed = CompletionRequest.safeParse(input.body ?? {});
  if (!parsed.success) throw invalidRequest(parsed.error, "body");
  const request = parsed.data;
  // Before the table judges the keys: a refused request has its row too.
  input.track.understood({ streamed: request.stream === true, requestedModel: request.model ?? null });
  input.track.understood({ droppedKeys: checkParameters(request, completionParameters) });
  const forms: AnswerForms = {
    idPrefix: "cmpl",
    writer: (run) => createCompletionWriter(run, request.stream_options?.include_usage === true),
    whole: textCompletion,
  };
  return answer(dependencies, input, readCompletion(request), forms, response);
}

import type { ServerResponse } from "node:http";
import { ResponseRequest } from "../../contract/responses.ts";
import { invalidRequest } from "../../platform/http/route.ts";
import { answer } from "../answer.ts";
import type { AnswerForms, EndpointInput } from "../answer.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { checkParameters } from "../parameters.ts";
import { itemsOf, readResponse } from "./read-response.ts";
import { emptyResponse, wholeResponse } from "./response-object.ts";
import type { ResponseIdentity } from "./response-object.ts";
import { responseParameters } from "./response-parameters.ts";
import { createResponseWriter } from "./response-writer.ts";

/** `POST /v1/responses`. @throws AppError before the first byte of an answer. */
export async function answerResponse(
  dependencies: GatewayDependencies,
  input: EndpointInput,
  response: ServerResponse,
): Promise<void> {
  const request = parseRequest(input);
  const droppedKeys = checkParameters(request, responseParameters);
  input.track.understood({ droppedKeys });
  const { intake, echo, customTools, asSummary, dropped } = readResponse(request, itemsOf(request));
  input.track.understood({ droppedKeys: [...droppedKeys, ...dropped].slice(0, 50) });
  const now = (): number => Math.floor(dependencies.clock.now() / 1000);
  const begun = (identity: ResponseIdentity) => ({
    empty: emptyResponse(identity, echo),
    forms: { responseId: identity.id, customTools, asSummary },
  });
  const forms: AnswerForms = {
    idPrefix: "resp",
    writer: (run) => createResponseWriter({ ...begun(run), now, onEnd: () => undefined }),
    whole(whole, run) {
      const { empty, forms: itemForms } = begun(run);
      return wholeResponse(whole, empty, itemForms, now());
    },
  };
  return answer(dependencies, input, intake, forms, response);
}

function parseRequest({ body, track }: EndpointInput): ResponseRequest {
  const parsed = ResponseRequest.safeParse(body ?? {});
  if (!parsed.success) throw invalidRequest(parsed.error, "body");
  // Before the table judges the keys: a refused request has its row too.
  const { stream, model } = parsed.data;
  track.understood({ streamed: stream === true, requestedModel: model ?? null });
  return parsed.data;
}

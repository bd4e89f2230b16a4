import type { ServerResponse } from "node:http";
import { ResponseRequest } from "../../contract/responses.ts";
import type { ResponseObject } from "../../contract/responses.ts";
import { invalidRequest } from "../../platform/http/route.ts";
import { answer } from "../answer.ts";
import type { AnswerForms, EndpointInput } from "../answer.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { checkParameters } from "../parameters.ts";
import { historyOf, withReferences } from "./response-history.ts";
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
  const { responses } = dependencies;
  const { items, read } = readAsked(dependencies, input);
  const { intake, echo, customTools, thoughts } = read;
  const now = (): number => Math.floor(dependencies.clock.now() / 1000);
  const begun = (identity: ResponseIdentity) => ({
    empty: emptyResponse(identity, echo),
    forms: { responseId: identity.id, customTools, thoughts },
  });
  const keep = (made: ResponseObject): void => {
    if (made.store)
      responses.keep({ id: made.id, previousId: made.previous_response_id, input: items, response: made });
  };
  const forms: AnswerForms = {
    idPrefix: "resp",
    imageParam: "input",
    writer: (run) => createResponseWriter({ ...begun(run), now, onEnd: keep }),
    whole(whole, run) {
      const { empty, forms: itemForms } = begun(run);
      const made = wholeResponse(whole, empty, itemForms, now());
      keep(made);
      return made;
    },
  };
  return answer(dependencies, input, intake, forms, response);
}

/**
 * What a request asks, with the turns it goes on from.
 * @returns also the items that are new in it. @throws AppError that names what cannot be read.
 */
export function readAsked({ responses }: Pick<GatewayDependencies, "responses">, input: EndpointInput) {
  const request = parseRequest(input);
  const droppedKeys = checkParameters(request, responseParameters);
  input.track.understood({ droppedKeys });
  const items = withReferences(itemsOf(request), responses);
  const read = readResponse(request, [...historyOf(request, responses), ...items]);
  input.track.understood({ droppedKeys: [...droppedKeys, ...read.dropped].slice(0, 50) });
  return { items, read };
}

function parseRequest({ body, track }: EndpointInput): ResponseRequest {
  const parsed = ResponseRequest.safeParse(body ?? {});
  if (!parsed.success) throw invalidRequest(parsed.error, "body");
  // Before the table judges the keys: a refused request has its row too.
  const { stream, model } = parsed.data;
  track.understood({ streamed: stream === true, requestedModel: model ?? null });
  return parsed.data;
}

import type { ServerResponse } from "node:http";
import { Conversation } from "../../contract/anthropic.ts";
import type { TokenCount } from "../../contract/anthropic.ts";
import type { EndpointInput } from "../answer.ts";
import { countPrompt } from "../count-prompt.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { checkMessages } from "./parameters.ts";
import { parseBody } from "./parse-body.ts";
import { readAsked } from "./read-messages.ts";

/** `POST /v1/messages/count_tokens`. @throws AppError as a message would. */
export async function countMessageTokens(
  dependencies: GatewayDependencies,
  input: EndpointInput,
  response: ServerResponse,
): Promise<void> {
  const asked = parseBody(Conversation, input.body);
  input.track.understood({ requestedModel: asked.model ?? null });
  input.track.understood({ droppedKeys: checkMessages(asked) });
  const { tokens, headers } = await countPrompt(dependencies, readAsked(asked), input);
  const answer: TokenCount = { input_tokens: tokens };
  response.writeHead(200, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(answer));
}

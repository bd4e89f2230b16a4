import type { ServerResponse } from "node:http";
import { Conversation } from "../../contract/anthropic.ts";
import type { TokenCount } from "../../contract/anthropic.ts";
import type { EndpointInput } from "../answer.ts";
import { checkChats } from "../chats.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { checkImages } from "../images.ts";
import { limitsOf } from "../limits.ts";
import { normalizeRequest } from "../request.ts";
import { likelyTokens } from "../tokens/prompt-size.ts";
import { checkMessages } from "./parameters.ts";
import { parseBody } from "./parse-body.ts";
import { readAsked } from "./read-messages.ts";

/** Says that a count is a guess: the model is elsewhere, or its template is not understood here. */
export const guessHeader = "x-mlx-manager-token-count";

/** `POST /v1/messages/count_tokens`: the prompt in the model's own tokens. Loads nothing. @throws AppError as a message would. */
export async function countMessageTokens(
  { models, profiles, tokens }: GatewayDependencies,
  { body, signal, track }: EndpointInput,
  response: ServerResponse,
): Promise<void> {
  const asked = parseBody(Conversation, body);
  track.understood({ requestedModel: asked.model ?? null });
  track.understood({ droppedKeys: checkMessages(asked) });
  const intake = readAsked(asked);
  const { profile, revision } = profiles.resolve(intake.model);
  track.resolved(profile);
  checkChats(profile, models);
  const request = normalizeRequest(intake, profile, limitsOf(profile, models));
  checkImages(request, profile, models);
  const counted = (await tokens?.count({ profile, revision, request }, signal)) ?? null;
  signal.throwIfAborted();
  const answer: TokenCount = { input_tokens: counted ?? likelyTokens(request) };
  response.writeHead(200, {
    "content-type": "application/json; charset=utf-8",
    ...(counted === null ? { [guessHeader]: "estimated" } : {}),
  });
  response.end(JSON.stringify(answer));
}

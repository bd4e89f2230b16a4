import type { ServerResponse } from "node:http";
import type { ResponseInputCount } from "../../contract/responses.ts";
import type { EndpointInput } from "../answer.ts";
import { countPrompt } from "../count-prompt.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { readAsked } from "./responses.ts";

/** `POST /v1/responses/input_tokens`: what a response would read. @throws AppError as the response would. */
export async function countResponseInput(
  dependencies: GatewayDependencies,
  input: EndpointInput,
  response: ServerResponse,
): Promise<void> {
  const { read } = readAsked(dependencies, input);
  const { tokens, headers } = await countPrompt(dependencies, read.intake, input);
  const answer: ResponseInputCount = { object: "response.input_tokens", input_tokens: tokens };
  response.writeHead(200, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(answer));
}

import type { ErrorCode } from "../../contract/error.ts";
import type { ResponseObject, ResponseOutputItem } from "../../contract/responses.ts";
import type { WholeAnswer } from "../collect-answer.ts";
import type { FinishReason, TokenUsage } from "../parts.ts";
import type { NormalRequest } from "../request.ts";
import { outputItem } from "./response-items.ts";
import type { ItemForms } from "./response-items.ts";
import type { ResponseEcho } from "./read-response.ts";

export interface ResponseIdentity {
  readonly id: string;
  readonly model: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly request: Pick<NormalRequest, "sampling">;
}

/** What a response says before anything of it is made. */
export function emptyResponse(identity: ResponseIdentity, echo: ResponseEcho): ResponseObject {
  const { id, model, created, request } = identity;
  const { temperature, topP, presencePenalty, frequencyPenalty } = request.sampling;
  return {
    ...{ id, object: "response", created_at: created, completed_at: null, status: "in_progress", error: null },
    ...{ incomplete_details: null, model, output: [], ...echo },
    // What was used; where nobody said, the specification's defaults stand for the engine's own.
    ...{ temperature: temperature ?? 1, top_p: topP ?? 1 },
    ...{ presence_penalty: presencePenalty ?? 0, frequency_penalty: frequencyPenalty ?? 0, top_logprobs: 0 },
    ...{ truncation: "disabled", background: false, service_tier: "default", usage: null },
  };
}

/** @param now seconds since the epoch */
export function wholeResponse(
  answer: WholeAnswer,
  empty: ResponseObject,
  forms: ItemForms,
  now: number,
): ResponseObject {
  const shown = answer.blocks.filter(({ kind }) => kind !== "reasoning" || forms.thoughts !== "none");
  const last = shown.length - 1;
  const lastStatus = statusOf(answer.finish);
  const output = shown.map((block, index) =>
    outputItem(block, index, index === last ? lastStatus : "completed", forms),
  );
  return endedResponse(empty, { output, finish: answer.finish, usage: answer.usage, now });
}

interface Ending {
  readonly output: readonly ResponseOutputItem[];
  readonly finish: FinishReason;
  readonly usage: TokenUsage | null;
  readonly now: number;
}

export function endedResponse(empty: ResponseObject, { output, finish, usage, now }: Ending): ResponseObject {
  const status = statusOf(finish);
  const reason = finish === "length" ? "max_output_tokens" : "content_filter";
  return {
    ...empty,
    ...{ status, completed_at: status === "completed" ? now : null },
    incomplete_details: status === "completed" ? null : { reason },
    ...{ output: [...output], usage: responseUsage(usage) },
  };
}

export function failedResponse(
  empty: ResponseObject,
  output: readonly ResponseOutputItem[],
  { code, message }: { readonly code: ErrorCode; readonly message: string },
): ResponseObject {
  return {
    ...empty,
    status: "failed",
    error: { code: failureCodes[code] ?? "server_error", message },
    output: [...output],
  };
}

/** The words clients act on: they compact, wait, or give up; everything else is tried again. */
const failureCodes: Readonly<Partial<Record<ErrorCode, string>>> = {
  context_overflow: "context_length_exceeded",
  queue_full: "rate_limit_exceeded",
  rate_limited: "rate_limit_exceeded",
  invalid_request: "invalid_prompt",
  unsupported: "invalid_prompt",
};

export function statusOf(finish: FinishReason): "completed" | "incomplete" {
  return finish === "length" || finish === "content-filter" ? "incomplete" : "completed";
}

/** A response's usage has no unknown, and typed clients fail without its details: what the engine did not count is 0. */
function responseUsage(usage: TokenUsage | null) {
  const input = usage?.input ?? 0;
  const output = usage?.output ?? 0;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage?.cached ?? 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage?.reasoning ?? 0 },
    total_tokens: input + output,
  };
}

import type { ResponseInputItem, ResponseObject, ResponseRequest } from "../../contract/responses.ts";
import { AppError } from "../../platform/errors.ts";
import type { AnswerFormat, Intake } from "../intake.ts";
import type { ThoughtForm } from "./response-items.ts";
import { readItems } from "./read-response-items.ts";
import { readTools } from "./read-response-tools.ts";

/** What a response repeats of its request. */
export type ResponseEcho = Pick<
  ResponseObject,
  | "instructions"
  | "previous_response_id"
  | "tools"
  | "tool_choice"
  | "parallel_tool_calls"
  | "text"
  | "reasoning"
  | "max_output_tokens"
  | "max_tool_calls"
  | "store"
  | "metadata"
  | "user"
  | "safety_identifier"
  | "prompt_cache_key"
>;

export interface ReadResponse {
  readonly intake: Intake;
  readonly echo: ResponseEcho;
  readonly customTools: ReadonlySet<string>;
  readonly thoughts: ThoughtForm;
  /** What was sent and cannot be used here, for the request's row. */
  readonly dropped: readonly string[];
}

/**
 * A request in no protocol's words. Its keys were judged by the table of parameters before.
 * @param items all that the model is to read: what came before, then what is new.
 * @throws AppError `invalid_request` or `unsupported` that names the place.
 */
export function readResponse(request: ResponseRequest, items: readonly ResponseInputItem[]): ReadResponse {
  const { messages, dropped } = readItems(items);
  const tools = readTools(request);
  const instructions = request.instructions ?? null;
  const summary = summaryOf(request.reasoning);
  return {
    intake: {
      model: request.model ?? null,
      stream: request.stream === true,
      messages: instructions === null ? messages : [{ role: "system", text: instructions }, ...messages],
      ...{ tools: tools.tools, toolChoice: tools.choice, parallelToolCalls: request.parallel_tool_calls ?? true },
      stop: [],
      maxTokens: request.max_output_tokens ?? undefined,
      sampling: {
        ...{ temperature: request.temperature, topP: request.top_p, topK: request.top_k, minP: request.min_p },
        ...{ presencePenalty: request.presence_penalty, frequencyPenalty: request.frequency_penalty },
        ...{ repetitionPenalty: request.repetition_penalty, seed: request.seed },
      },
      thinking: undefined,
      effort: request.reasoning?.effort ?? undefined,
      template: request.chat_template_kwargs ?? {},
      format: formatOf(request.text?.format),
      continuation: "may",
    },
    echo: {
      instructions,
      previous_response_id: request.previous_response_id ?? null,
      tools: tools.echo,
      tool_choice: request.tool_choice ?? "auto",
      parallel_tool_calls: request.parallel_tool_calls ?? true,
      text: { format: request.text?.format ?? { type: "text" } },
      reasoning: { effort: request.reasoning?.effort ?? null, summary },
      max_output_tokens: request.max_output_tokens ?? null,
      max_tool_calls: request.max_tool_calls ?? null,
      store: request.store ?? true,
      metadata: request.metadata ?? {},
      user: request.user ?? null,
      safety_identifier: request.safety_identifier ?? null,
      prompt_cache_key: request.prompt_cache_key ?? null,
    },
    customTools: tools.customTools,
    thoughts: thoughtsOf(request.reasoning),
    dropped: [...dropped, ...tools.dropped, ...unusedParts(request)],
  };
}

/** The new input as items. @throws AppError `invalid_request` where there is none. */
export function itemsOf({ input }: ResponseRequest): readonly ResponseInputItem[] {
  const items = typeof input === "string" ? [{ type: "message", role: "user", content: input }] : (input ?? []);
  if (items.length > 0) return items;
  throw new AppError("invalid_request", '"input" is missing. Send a text or a list of items.', {
    details: { param: "input" },
  });
}

function thoughtsOf(reasoning: ResponseRequest["reasoning"]): ThoughtForm {
  if (reasoning?.effort === "none") return "none";
  return reasoning?.summary === "none" ? "text" : "summary";
}

/** Thoughts are shown whole, whatever length of summary was asked for. */
function summaryOf(reasoning: ResponseRequest["reasoning"]): string | null {
  const asked = reasoning?.summary ?? reasoning?.["generate_summary"];
  return asked === "auto" || asked === "concise" || asked === "detailed" ? "detailed" : null;
}

/** Wishes inside honoured keys that nothing here can grant and no answer depends on. */
function unusedParts({ text, include }: ResponseRequest): string[] {
  const verbosity = text?.verbosity ? ["text.verbosity"] : [];
  return [...verbosity, ...(include ?? []).map((name) => `include.${name.slice(0, 80)}`)];
}

/** @throws AppError `invalid_request` for a form that is none of OpenAI's. */
function formatOf(format: NonNullable<ResponseRequest["text"]>["format"]): AnswerFormat {
  if (format === null || format === undefined || format.type === "text") return { type: "text" };
  if (format.type === "json_object") return { type: "json-object" };
  const { type, name, schema } = format;
  if (type === "json_schema" && typeof schema === "object" && schema !== null && !Array.isArray(schema)) {
    return { type: "json-schema", name: typeof name === "string" ? name : "answer", schema: { ...schema } };
  }
  const message = '"text.format" must be of the type text, json_object, or json_schema with a schema.';
  throw new AppError("invalid_request", message, { details: { param: "text.format" } });
}

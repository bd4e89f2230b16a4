import type { Conversation, MessagesRequest, MessageTool } from "../../contract/anthropic.ts";
import { AppError } from "../../platform/errors.ts";
import { intakeOf } from "../intake.ts";
import type { AnswerFormat, Intake, ToolChoice } from "../intake.ts";
import type { NormalTool } from "../messages.ts";
import { readConversation } from "./read-conversation.ts";

/**
 * A request for a message in no protocol's words. Its keys were judged by the table of parameters before.
 * @throws AppError `invalid_request` or `unsupported` that names what cannot be read.
 */
export function readMessages(request: MessagesRequest): Intake {
  return {
    ...readAsked(request),
    stream: request.stream === true,
    stop: request.stop_sequences ?? [],
    maxTokens: request.max_tokens,
    sampling: { temperature: request.temperature, topP: request.top_p, topK: request.top_k },
  };
}

/** The part that a count of its tokens shares with the answer. @throws AppError as `readMessages`. */
export function readAsked(asked: Conversation): Intake {
  const { thinking } = asked;
  return intakeOf({
    model: asked.model ?? null,
    stream: false,
    messages: readConversation(asked),
    tools: (asked.tools ?? []).flatMap(readTool),
    toolChoice: choiceOf(asked.tool_choice),
    parallelToolCalls: asked.tool_choice?.["disable_parallel_tool_use"] !== true,
    // Adaptive leaves it to the model, and so does silence.
    thinking: thinking?.type === "enabled" ? true : thinking?.type === "disabled" ? false : undefined,
    effort: asked.output_config?.effort ?? undefined,
    template: thinking?.type === "enabled" && thinking.budget_tokens ? { thinking_budget: thinking.budget_tokens } : {},
    continuation: "must",
    format: formatOf(asked.output_config?.format ?? asked.output_format),
  });
}

function choiceOf(choice: Conversation["tool_choice"]): ToolChoice {
  if (choice?.type === "tool") return { name: choice.name };
  if (choice?.type === "any") return "required";
  return choice?.type ?? "auto";
}

function formatOf(format: Conversation["output_format"]): AnswerFormat {
  return format ? { type: "json-schema", name: "answer", schema: format.schema } : { type: "text" };
}

/** A search for tools is left out: there is nothing to search where every tool is offered at once. */
function readTool({ type, name, description, input_schema: parameters }: MessageTool, at: number): NormalTool[] {
  if (type?.startsWith("tool_search_tool")) return [];
  if (type !== null && type !== undefined && type !== "custom") {
    throw refused(
      "unsupported",
      at,
      `Tools of the type "${type.slice(0, 80)}" are Anthropic's own; there is none here.`,
    );
  }
  if (name === undefined || parameters === undefined)
    throw refused("invalid_request", at, `The tool ${at + 1} needs a name and an input_schema.`);
  return [{ name, description: description ?? null, parameters }];
}

function refused(code: "invalid_request" | "unsupported", at: number, message: string): AppError {
  return new AppError(code, message, { details: { param: `tools.${at}` } });
}

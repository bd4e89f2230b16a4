import type { OllamaMessage, OllamaTool } from "../../contract/ollama.ts";
import { AppError } from "../../platform/errors.ts";
import { objectText } from "../messages.ts";
import type { NormalMessage, NormalTool } from "../messages.ts";
import { imageUri } from "./images.ts";

/**
 * Messages in no protocol's words. Ollama's tool calls have no ids, so each gets one from its place: the same at every
 * turn. Answers of tools belong to the calls before them by order, or by the tool's name where they bring it.
 * @throws AppError `invalid_request`, `unsupported` for images where none can be.
 */
export function readMessages(messages: readonly OllamaMessage[]): NormalMessage[] {
  let open: { id: string; name: string }[] = [];
  return messages.map((message, place): NormalMessage => {
    const text = message.content ?? "";
    const images = message.images ?? [];
    if (message.role !== "user" && images.length > 0) throw imagesElsewhere();
    switch (message.role) {
      case "system":
      case "developer":
        return { role: "system", text };
      case "user":
        return { role: "user", text, images: images.map(imageUri) };
      case "assistant": {
        const toolCalls = (message.tool_calls ?? []).map(({ id, function: call }, index) => ({
          id: id ? id : `call_${place}_${index}`,
          name: call.name,
          arguments: argumentsText(call.arguments),
        }));
        if (toolCalls.length > 0) open = toolCalls.map(({ id, name }) => ({ id, name }));
        return { role: "assistant", text, reasoning: message.thinking ? message.thinking : null, toolCalls };
      }
      case "tool": {
        const callId = message.tool_call_id ? message.tool_call_id : answered(open, message.tool_name, place);
        open = open.filter(({ id }) => id !== callId);
        return { role: "tool", callId, text };
      }
    }
  });
}

/** An answer to nothing stays a message of its own: the model's template decides what to make of it. */
function answered(open: readonly { id: string; name: string }[], name: string | null | undefined, place: number) {
  return (open.find((call) => call.name === name) ?? open[0])?.id ?? `call_${place}`;
}

function argumentsText(given: Readonly<Record<string, unknown>> | string | null | undefined): string {
  return objectText(typeof given === "string" ? given : JSON.stringify(given ?? {}));
}

export interface ReadTools {
  readonly tools: readonly NormalTool[];
  /** For the request's row. */
  readonly dropped: readonly string[];
}

/**
 * Launchers send `local_tool` for what they call a function, and `remote_tool` for what only their own cloud can call.
 * @throws AppError `invalid_request` for a tool without a function.
 */
export function readTools(tools: readonly OllamaTool[]): ReadTools {
  const isRemote = ({ type }: OllamaTool): boolean => type === "remote_tool";
  return {
    tools: tools.filter((tool) => !isRemote(tool)).map(readTool),
    dropped: tools.some(isRemote) ? ["tools.remote_tool"] : [],
  };
}

function readTool({ function: given }: OllamaTool): NormalTool {
  if (!given) {
    throw new AppError("invalid_request", "Each tool needs a function with its name.", { details: { param: "tools" } });
  }
  const { name, description, parameters } = given;
  const isEmpty = Object.keys(parameters ?? {}).length === 0;
  return {
    name,
    description: description ?? null,
    parameters: isEmpty ? { type: "object", properties: {} } : (parameters ?? {}),
  };
}

function imagesElsewhere(): AppError {
  return new AppError("unsupported", "Images are read from user messages only.", { details: { param: "messages" } });
}

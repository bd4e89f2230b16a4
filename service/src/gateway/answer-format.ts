import { engineCapabilities } from "../contract/engine-capabilities.ts";
import type { EngineCapabilities, FormatMeans } from "../contract/engine-capabilities.ts";
import type { EngineId } from "../contract/engines.ts";
import { AppError } from "../platform/errors.ts";
import type { Intake } from "./intake.ts";
import type { NormalTool } from "./messages.ts";

/** What a response says of how its format was reached: `grammar`, `native` or `checked`. */
export const formatHeader = "x-mlx-manager-format";

/** What of a request says it, as its protocol read it or normalised. */
type Asked = Pick<Intake, "toolChoice" | "format" | "tools">;

/**
 * What the engine of the request cannot be held to is refused, never dropped.
 * @throws AppError `invalid_request` or `unsupported` that names the parameter.
 */
export function checkFormat(asked: Asked, engine: EngineId): void {
  const { answerFormats, forcedCalls }: EngineCapabilities = engineCapabilities[engine];
  if (isForced(asked)) {
    if (typeof asked.toolChoice === "object" && !asked.tools.some(({ name }) => name === nameOf(asked)))
      throw invalid("tool_choice", "names a tool that is not among the tools");
    if (asked.tools.length === 0) throw invalid("tool_choice", "asks for a call, but there are no tools");
    if (forcedCalls === null) throw unsupported("tool_choice", `${engine} cannot be made to call a tool`);
  }
  if (asked.format.type !== "text" && answerFormats === null)
    throw unsupported("response_format", `${engine} cannot be held to a format`);
}

/** How the answer is brought into the form that was asked for; null: nothing was asked. */
export function formatMeans(asked: Asked, engine: EngineId): FormatMeans | null {
  const { answerFormats, forcedCalls }: EngineCapabilities = engineCapabilities[engine];
  if (isForced(asked)) return forcedCalls;
  return asked.format.type === "text" ? null : answerFormats;
}

/** Whether the answer must be a call. Then it has no text, and a format of the text has nothing to say. */
export function isForced({ toolChoice }: Pick<Asked, "toolChoice">): boolean {
  return toolChoice === "required" || typeof toolChoice === "object";
}

/** The field of the body that our launcher alone reads; see `answer_grammar.py`. */
export function answerGrammar(request: Asked): object | undefined {
  if (isForced(request)) return { calls: callable(request).map(({ name, parameters }) => ({ name, parameters })) };
  switch (request.format.type) {
    case "text":
      return undefined;
    case "json-object":
      return { schema: { type: "object" } };
    case "json-schema":
      return { schema: request.format.schema };
  }
}

/** The same in OpenAI's words. */
export function nativeFormat(request: Asked): { response_format?: object; tool_choice?: unknown } {
  if (isForced(request)) {
    const { toolChoice } = request;
    const named =
      typeof toolChoice === "object" ? { type: "function", function: { name: toolChoice.name } } : toolChoice;
    return { tool_choice: named };
  }
  switch (request.format.type) {
    case "text":
      return {};
    case "json-object":
      return { response_format: { type: "json_object" } };
    case "json-schema": {
      const { name, schema } = request.format;
      return { response_format: { type: "json_schema", json_schema: { name, schema, strict: true } } };
    }
  }
}

function callable(request: Asked): readonly NormalTool[] {
  const name = nameOf(request);
  return name === null ? request.tools : request.tools.filter((tool) => tool.name === name);
}

function nameOf({ toolChoice }: Pick<Asked, "toolChoice">): string | null {
  return typeof toolChoice === "object" ? toolChoice.name : null;
}

function invalid(param: string, message: string): AppError {
  return new AppError("invalid_request", `"${param}" ${message}.`, { details: { param } });
}

function unsupported(param: string, reason: string): AppError {
  return new AppError("unsupported", `"${param}" cannot be honoured: ${reason}.`, { details: { param } });
}

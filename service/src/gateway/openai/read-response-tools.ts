import { CustomTool, FunctionTool } from "../../contract/responses.ts";
import type { ResponseObject, ResponseRequest, ResponseTool } from "../../contract/responses.ts";
import { AppError } from "../../platform/errors.ts";
import { invalidRequest } from "../../platform/http/route.ts";
import type { ToolChoice } from "../intake.ts";
import type { NormalTool } from "../messages.ts";
import { customInput } from "./response-items.ts";

export interface ReadTools {
  readonly tools: readonly NormalTool[];
  readonly customTools: ReadonlySet<string>;
  readonly choice: ToolChoice;
  /** Those the model really has, as they were sent. */
  readonly echo: ResponseObject["tools"];
  /** Types of tools that run in other services: agents offer them to everybody. */
  readonly dropped: readonly string[];
}

/** @throws AppError `invalid_request` that names the tool, `unsupported` for a choice of a tool that is not here. */
export function readTools({ tools: given, tool_choice: choice }: ResponseRequest): ReadTools {
  const tools: NormalTool[] = [];
  const customTools = new Set<string>();
  const echo: ResponseObject["tools"] = [];
  const dropped = new Set<string>();
  for (const [index, tool] of (given ?? []).entries()) {
    if (tool.type === "function") {
      const { name, description = null, parameters = null, strict = null } = parseTool(FunctionTool, tool, index);
      tools.push({ name, description, parameters: parameters ?? { type: "object", properties: {} } });
      echo.push({ type: "function", name, description, parameters, strict });
    } else if (tool.type === "custom") {
      const custom = parseTool(CustomTool, tool, index);
      tools.push(functionOf(custom));
      customTools.add(custom.name);
      echo.push(custom);
    } else dropped.add(`tools.${tool.type.slice(0, 80)}`);
  }
  const allowed = allowedNames(choice);
  const offered = allowed === null ? tools : tools.filter(({ name }) => allowed.has(name));
  return { tools: offered, customTools, choice: choiceOf(choice, tools), echo, dropped: [...dropped] };
}

/** Free text as a function with one field; what its grammar says is told, since it cannot be enforced. */
function functionOf({ name, description, format }: CustomTool): NormalTool {
  const grammar = format?.definition ? ` It follows this ${format.syntax ?? ""} grammar:\n${format.definition}` : "";
  const input = { type: "string", description: `The whole input of the tool as plain text.${grammar}` };
  return {
    name,
    description: description ?? null,
    parameters: { type: "object", properties: { [customInput]: input }, required: [customInput] },
  };
}

type CustomTool = ReturnType<typeof CustomTool.parse>;

function allowedNames(choice: ResponseRequest["tool_choice"]): ReadonlySet<string> | null {
  if (typeof choice !== "object" || choice === null || choice.type !== "allowed_tools") return null;
  return new Set((choice.tools ?? []).flatMap(({ name }) => (name ? [name] : [])));
}

function choiceOf(choice: ResponseRequest["tool_choice"], tools: readonly NormalTool[]): ToolChoice {
  if (typeof choice !== "object" || choice === null) return choice ?? "auto";
  if (choice.type === "allowed_tools") return choice.mode ?? "auto";
  const { type, name } = choice;
  if ((type === "function" || type === "custom") && name) {
    if (tools.some((tool) => tool.name === name)) return { name };
    throw new AppError("invalid_request", `"tool_choice" names ${name.slice(0, 80)}, which is not among the tools.`, {
      details: { param: "tool_choice" },
    });
  }
  throw new AppError("unsupported", `"tool_choice" cannot be honoured: there is no ${type.slice(0, 80)} here.`, {
    details: { param: "tool_choice" },
  });
}

function parseTool<Schema extends typeof FunctionTool | typeof CustomTool>(
  schema: Schema,
  tool: ResponseTool,
  index: number,
): ReturnType<Schema["parse"]> {
  const parsed = schema.safeParse(tool);
  if (parsed.success) return parsed.data as ReturnType<Schema["parse"]>;
  for (const issue of parsed.error.issues) issue.path.unshift("tools", index);
  throw invalidRequest(parsed.error, "body");
}

import type { NormalTool } from "../messages.ts";
import { argumentsOf, isObject, repairedArguments, unfenced } from "./arguments.ts";
import { readLoose, readLooseWhole, skipSpace } from "./loose-json.ts";

export interface TextCall {
  readonly name: string;
  /** The text of a JSON object. */
  readonly arguments: string;
}

export type ReadCalls = (body: string, tools: readonly NormalTool[]) => TextCall[] | null;

/** `{"name": …, "arguments": {…}}`, one or a list of them; null when it is none. */
export const jsonCalls: ReadCalls = (body, tools) => {
  const read = readLooseWhole(unfenced(body).trim());
  const values = Array.isArray(read?.value) ? (read.value as unknown[]) : [read?.value];
  const calls = values.map(callOfValue);
  if (calls.length > 0 && calls.every((call) => call !== null)) return calls;
  const broken = /["']name["']\s*:\s*["']([^"']+)["']\s*,?\s*(?:["'](?:arguments|parameters)["']\s*:)?/.exec(body);
  // What cannot be read goes to whoever called: it may, and the model can be told.
  if (!broken?.[1] || !tools.some(({ name }) => name === broken[1])) return null;
  const rest = body.slice(broken.index + broken[0].length).trim();
  return [{ name: broken[1], arguments: repairedArguments(rest.replace(/\}\s*$/, "")) }];
};

function callOfValue(value: unknown): TextCall | null {
  if (!isObject(value)) return null;
  const inner = isObject(value["function"]) ? value["function"] : value;
  const name = inner["name"] ?? value["function"];
  if (typeof name !== "string" || name === "") return null;
  const given = inner["arguments"] ?? inner["parameters"] ?? inner["input"];
  return { name: name.replace(/^functions\./, ""), arguments: argumentsOf(given) };
}

/** `<function=name>` with JSON or `<parameter=key>` inside. */
export const functionTags: ReadCalls = (body, tools) => {
  const calls = [...body.matchAll(/<function=([^>]+)>([\s\S]*?)(?:<\/function>|(?=<function=)|$)/g)].map(
    ([, name = "", inner = ""]) => ({
      name: name.trim(),
      arguments: /<parameter=/.test(inner)
        ? typed(tools, name.trim(), pairs(inner, /<parameter=([^>]+)>([\s\S]*?)(?:<\/parameter>|(?=<parameter=)|$)/g))
        : repairedArguments(inner),
    }),
  );
  return calls.length > 0 ? calls : null;
};

/** `name`, then `<arg_key>k</arg_key><arg_value>v</arg_value>`. */
export const argumentTags: ReadCalls = (body, tools) => {
  const name = /^\s*([\w.-]+)\s*(?=<arg_key>|$)/.exec(body)?.[1];
  // Without arguments only the name of a tool proves a call.
  if (name === undefined || !(body.includes("<arg_key>") || tools.some((tool) => tool.name === name))) return null;
  const found = pairs(body, /<arg_key>([\s\S]*?)<\/arg_key>\s*<arg_value>([\s\S]*?)(?:<\/arg_value>|$)/g);
  return [{ name, arguments: typed(tools, name, found) }];
};

/** `<invoke name="x"><parameter name="k">v</parameter></invoke>`. */
export const invokeTags: ReadCalls = (body, tools) => {
  const calls = [...body.matchAll(/<invoke name="?([^">]+)"?>([\s\S]*?)(?:<\/invoke>|$)/g)].map(
    ([, name = "", inner = ""]) => ({
      name,
      arguments: typed(
        tools,
        name,
        pairs(inner, /<parameter name="?([^">]+)"?>([\s\S]*?)(?:<\/parameter>|(?=<parameter )|$)/g),
      ),
    }),
  );
  return calls.length > 0 ? calls : null;
};

/** Between the commonest tags stands any of three forms. */
export const taggedCall: ReadCalls = (body, tools) => {
  if (body.includes("<function=")) return functionTags(body, tools);
  return body.includes("<arg_key>") ? argumentTags(body, tools) : (jsonCalls(body, tools) ?? argumentTags(body, tools));
};

/** `name[ARGS]{…}`, more of them behind each other, or JSON as anywhere. */
export const mistralCalls: ReadCalls = (body, tools) => {
  const parts = body.split("[TOOL_CALLS]").filter((part) => part.trim() !== "");
  const calls = parts.map((part): TextCall[] | null => {
    const [, name, rest] = /^\s*([\w.-]+)\s*(?:\[CALL_ID\][\w-]*)?(?:\[ARGS\])?\s*(\{[\s\S]*)$/.exec(part) ?? [];
    return name === undefined ? jsonCalls(part, tools) : [{ name, arguments: repairedArguments(rest ?? "") }];
  });
  return calls.length > 0 && calls.every((call) => call !== null) ? calls.flat() : null;
};

/** `<|tool_call_begin|>functions.name:0<|tool_call_argument_begin|>{…}<|tool_call_end|>`. */
export const kimiCalls: ReadCalls = (body) => {
  const form =
    /<\|tool_call_begin\|>\s*(?:functions\.)?([\w.-]+?)(?::\d+)?\s*<\|tool_call_argument_begin\|>([\s\S]*?)(?:<\|tool_call_end\|>|$)/g;
  const calls = [...body.matchAll(form)].map(([, name = "", text = ""]) => ({
    name,
    arguments: repairedArguments(text),
  }));
  return calls.length > 0 ? calls : null;
};

/** `call:name{key:<escape>value<escape>}`. */
export const gemmaCalls: ReadCalls = (body) => {
  const [, name, rest] = /^\s*call:\s*([\w.-]+)\s*(\{[\s\S]*)$/.exec(body) ?? [];
  return name === undefined ? null : [{ name, arguments: repairedArguments(rest ?? "") }];
};

/** Python: `[name(key="value"), …]`, with or without brackets, or a call inside of `print(…)`; JSON as anywhere. */
export const pythonCalls: ReadCalls = (body, tools) => {
  const text = body.replace(/<\|(?:eom_id|eot_id)\|>/g, "").trim();
  if (text.startsWith("{") || text.startsWith("[{")) return jsonCalls(text, tools);
  const inner = /^print\(([\s\S]*)\)$/.exec(text)?.[1] ?? text.replace(/^\[/, "");
  const calls: TextCall[] = [];
  let at = skipSpace(inner, 0);
  while (at < inner.length && inner[at] !== "]") {
    const read = pythonCall(inner, at, tools);
    if (!read) return null;
    calls.push(read.call);
    at = skipSpace(inner, read.end);
    while (inner[at] === "," || inner[at] === ";") at = skipSpace(inner, at + 1);
  }
  return calls.length > 0 ? calls : null;
};

function pythonCall(text: string, from: number, tools: readonly NormalTool[]): { call: TextCall; end: number } | null {
  const name = /^([\w.-]+)\s*\(/.exec(text.slice(from, from + 300));
  if (!name?.[1]) return null;
  const values: [string, unknown][] = [];
  let at = skipSpace(text, from + name[0].length);
  while (at < text.length && text[at] !== ")") {
    const key = /^(\w+)\s*=\s*/.exec(text.slice(at, at + 200));
    const read = key && readLoose(text, at + key[0].length);
    if (!key?.[1] || !read) return null;
    values.push([key[1], read.value]);
    at = skipSpace(text, read.end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  const call = { name: toolOf(name[1], tools), arguments: JSON.stringify(Object.fromEntries(values)) };
  return { call, end: Math.min(at + 1, text.length) };
}

/** Models put a module before the name, or `.call` behind it. */
function toolOf(name: string, tools: readonly NormalTool[]): string {
  const parts = name.split(".");
  return [name, ...parts.toReversed()].find((part) => tools.some((tool) => tool.name === part)) ?? name;
}

function pairs(text: string, form: RegExp): [string, string][] {
  // One line end on either side belongs to the form, the others to the value.
  return [...text.matchAll(form)].map(([, key = "", value = ""]) => [key.trim(), value.replace(/^\n|\n$/g, "")]);
}

/** Tags hold texts alone; what a value is says the tool's schema, else the value itself. */
function typed(tools: readonly NormalTool[], tool: string, values: readonly [string, string][]): string {
  const properties = tools.find(({ name }) => name === tool)?.parameters["properties"];
  const entries = values.map(([key, text]): [string, unknown] => {
    const schema = isObject(properties) ? properties[key] : undefined;
    if (isObject(schema) && schema["type"] === "string") return [key, text];
    const read = readLooseWhole(text);
    return [key, read && !/^\s*["']/.test(text) ? read.value : text];
  });
  return JSON.stringify(Object.fromEntries(entries));
}

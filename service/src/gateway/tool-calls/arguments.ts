import { readLooseWhole } from "./loose-json.ts";

/**
 * The arguments of a call as the text of a JSON object, whatever the model wrote: valid text stays as it is, what can be
 * understood is written anew, and the rest is kept whole as `{"arguments": raw}`: a call is never dropped.
 */
export function repairedArguments(raw: string): string {
  if (raw.trim() === "") return "{}";
  const strict = parsed(raw);
  if (isObject(strict)) return raw;
  // Some write the object as a text once more.
  const inner = typeof strict === "string" ? strict : raw;
  const loose = parsed(inner) ?? readLooseWhole(unfenced(inner))?.value;
  return JSON.stringify(isObject(loose) ? loose : { arguments: raw });
}

/** The same of a value that was read already. */
export function argumentsOf(value: unknown): string {
  if (value === undefined || value === null) return "{}";
  if (isObject(value)) return JSON.stringify(value);
  return repairedArguments(typeof value === "string" ? value : JSON.stringify(value));
}

/** Without the fence that models put around code. */
export function unfenced(text: string): string {
  return /^\s*```\w*\s*\n([\s\S]*?)\n?\s*(?:```\s*)?$/.exec(text)?.[1] ?? text;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // What is not JSON is read loosely next.
    return undefined;
  }
}

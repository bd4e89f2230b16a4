import { Script } from "node:vm";
import * as z from "zod";
import { systemCode } from "../../platform/errors.ts";
import type { AnswerFormat } from "../intake.ts";

/** Says what is wrong with a text, in words that a model can act on; null: nothing. */
export type FormatCheck = (text: string) => string | null;

export type BoundFormat = Exclude<AnswerFormat, { type: "text" }>;

/** A pattern of a client's schema may take for ever on the wrong text. */
const mostCheckMs = 1000;
const mostIssues = 3;

/**
 * How a text is judged. `format` of a schema is an annotation, as its specification has it.
 * @returns also why the schema itself cannot be judged; then a text is only read as JSON.
 */
export function formatCheck(format: BoundFormat): { readonly check: FormatCheck; readonly unjudged: string | null } {
  if (format.type === "json-object") return { check: (text) => judged(text, z.looseObject({})), unjudged: null };
  try {
    const schema = z.fromJSONSchema(withoutFormats(format.schema) as Parameters<typeof z.fromJSONSchema>[0]);
    return { check: (text) => judged(text, schema), unjudged: null };
  } catch (error) {
    const why = error instanceof Error ? error.message : "it is no schema";
    return { check: (text) => judged(text, z.unknown()), unjudged: why.slice(0, 200) };
  }
}

function judged(text: string, schema: z.ZodType): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "it is not JSON";
  }
  try {
    const judge = new Script("judge()");
    const parsed = judge.runInNewContext(
      { judge: () => schema.safeParse(value) },
      { timeout: mostCheckMs },
    ) as z.ZodSafeParseResult<unknown>;
    return parsed.success ? null : parsed.error.issues.slice(0, mostIssues).map(issueText).join("; ");
  } catch (error) {
    if (systemCode(error) === "ERR_SCRIPT_EXECUTION_TIMEOUT") return "it could not be checked in time";
    throw error;
  }
}

function issueText({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`;
}

/** Keys whose values are data, not schemas. */
const dataKeys = new Set(["const", "enum", "default", "examples"]);

function withoutFormats(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutFormats);
  if (typeof schema !== "object" || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key, value]) => key !== "format" || typeof value !== "string");
  return Object.fromEntries(kept.map(([key, value]) => [key, dataKeys.has(key) ? value : withoutFormats(value)]));
}

import * as z from "zod";
import { invalidRequest } from "../../platform/http/route.ts";

/** @throws AppError `invalid_request` that names the field. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  throw invalidRequest(new z.ZodError(parsed.error.issues.map(deepest)), "body");
}

type Issue = z.core.$ZodIssue;

/** Of a content that is neither text nor good blocks, what is wrong with the block: "invalid input" helps nobody. */
function deepest(issue: Issue): Issue {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return issue;
  const inner = issue.errors.flatMap((errors) => errors.map(deepest));
  const found = inner.reduce((best, next) => (next.path.length > best.path.length ? next : best));
  return { ...found, path: [...issue.path, ...found.path] };
}

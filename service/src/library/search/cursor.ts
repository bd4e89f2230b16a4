import { createHash } from "node:crypto";
import * as z from "zod";
import { AppError } from "../../platform/errors.ts";

/**
 * Where a reader is in the list of a question. The session knows all that was shown; should it be gone, the Hub's own
 * cursor and the last model lead back to the same place.
 */
export interface Position {
  readonly session: string;
  /** How many models of the session's list were looked at. */
  readonly offset: number;
  /** The Hub's cursor of the page the last one was in; null = its first page. */
  readonly hubCursor: string | null;
  /** How many of that page were looked at, and the last of them. */
  readonly inPage: number;
  readonly last: string;
}

const schema = z.tuple([
  z.string(),
  z.string().regex(/^[\w-]{1,64}$/),
  z.int().min(1),
  z.string().max(1500).nullable(),
  z.int().min(0),
  z.string().max(200),
]);

/** Opaque, and bound to the question it belongs to. */
export function encodePosition(question: string, position: Position): string {
  const { session, offset, hubCursor, inPage, last } = position;
  return Buffer.from(JSON.stringify([digest(question), session, offset, hubCursor, inPage, last])).toString(
    "base64url",
  );
}

/** @throws AppError `invalid_request` for a cursor that is not ours, or of another question. */
export function decodePosition(cursor: string, question: string): Position {
  const parsed = schema.safeParse(parse(Buffer.from(cursor, "base64url").toString("utf8")));
  if (!parsed.success) throw wrong("The cursor is not valid. Start again without it.");
  const [asked, session, offset, hubCursor, inPage, last] = parsed.data;
  if (asked !== digest(question)) throw wrong("The cursor does not belong to this search. Start again without it.");
  return { session, offset, hubCursor, inPage, last };
}

function digest(question: string): string {
  return createHash("sha256").update(question).digest("base64url").slice(0, 12);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError("invalid_request", "The cursor is not valid. Start again without it.", { cause: error });
  }
}

function wrong(message: string): AppError {
  return new AppError("invalid_request", message);
}

import { AppError } from "../../platform/errors.ts";

/** Our own opaque cursor around the Hub's, bound to the question it belongs to. */
export function wrapCursor(hubCursor: string, question: string): string {
  return Buffer.from(JSON.stringify([question, hubCursor])).toString("base64url");
}

/** @throws AppError `invalid_request` for a cursor that is not ours, or of another search. */
export function unwrapCursor(cursor: string, question: string): string {
  const value = parse(Buffer.from(cursor, "base64url").toString("utf8"));
  if (Array.isArray(value) && value[0] === question && typeof value[1] === "string") return value[1];
  throw new AppError("invalid_request", "The cursor does not belong to this search. Start again without it.");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError("invalid_request", "The cursor is not valid. Start again without it.", { cause: error });
  }
}

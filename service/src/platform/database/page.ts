import { AppError } from "../errors.ts";

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** Keyset of a list that is sorted by time and id, newest first. */
export interface Position {
  readonly time: string;
  readonly id: string;
}

export function encodeCursor({ time, id }: Position): string {
  return Buffer.from(JSON.stringify([time, id])).toString("base64url");
}

/** @throws AppError `invalid_request` for a cursor that is not ours. */
export function decodeCursor(cursor: string | undefined): Position | null {
  if (cursor === undefined) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "string")
      return { time: value[0], id: value[1] };
  } catch (error) {
    throw new AppError("invalid_request", "The cursor is not valid. Start again without it.", { cause: error });
  }
  throw new AppError("invalid_request", "The cursor is not valid. Start again without it.");
}

/** Cuts `limit + 1` rows to a page. */
export function pageOf<Item>(rows: Item[], limit: number, position: (item: Item) => Position): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(position(last)) : null };
}

import { randomBytes } from "node:crypto";
import type { Clock } from "../../platform/clock.ts";
import { decodePosition, encodePosition } from "./cursor.ts";
import { createReading, offsetInPage } from "./reading.ts";
import type { FetchPage, Reading } from "./reading.ts";

export interface PageWish<Item> {
  /** Everything that was asked, filters included. */
  readonly question: string;
  readonly cursor: string | undefined;
  readonly limit: number;
  /** The item of an id, or null where it is not to be shown. */
  readonly view: (id: string) => Item | null;
  readonly fetchPage: FetchPage;
}

export interface ReadPage<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
  readonly reading: Pick<Reading, "source" | "stale" | "problem">;
}

export interface Readings {
  /**
   * The next `limit` items. Asks for as many pages of the list as that takes, at most four: then it answers what it
   * found, none perhaps, with a cursor to go on by.
   */
  page<Item>(wish: PageWish<Item>, signal: AbortSignal): Promise<ReadPage<Item>>;
}

const mostPages = 4;
const mostReadings = 32;
const keptMs = 1_800_000;

/** Remembers the latest readings; older ones go on by the Hub's cursor, without memory of what they showed. */
export function createReadings(clock: Clock): Readings {
  /** Least lately used first. */
  const readings = new Map<string, { reading: Reading; usedAt: number }>();

  const keep = (reading: Reading): Reading => {
    readings.delete(reading.id);
    readings.set(reading.id, { reading, usedAt: clock.now() });
    for (const [id, { usedAt }] of readings)
      if (readings.size > mostReadings || usedAt + keptMs < clock.now()) readings.delete(id);
    return reading;
  };

  /** The reading a cursor belongs to and how far it is; a forgotten one begins anew at the same place. */
  const open = async <Item>(wish: PageWish<Item>, signal: AbortSignal): Promise<[Reading, number]> => {
    const { question, cursor, fetchPage } = wish;
    const fresh = (start: string | null) => createReading(randomBytes(9).toString("base64url"), question, start);
    if (cursor === undefined) return [keep(fresh(null)), 0];
    const position = decodePosition(cursor, question);
    const known = readings.get(position.session)?.reading;
    if (known && known.question === question && known.ids.length >= position.offset)
      return [keep(known), position.offset];
    const reading = fresh(position.hubCursor);
    await reading.extend(fetchPage, signal);
    return [keep(reading), offsetInPage(reading.ids, position)];
  };

  return {
    async page<Item>(wish: PageWish<Item>, signal: AbortSignal): Promise<ReadPage<Item>> {
      const { question, limit, view, fetchPage } = wish;
      const items: Item[] = [];
      const [reading, start] = await open(wish, signal);
      let offset = start;
      for (let pages = 0; ; pages += 1) {
        while (offset < reading.ids.length && items.length < limit) {
          const item = view(reading.ids[offset++] as string);
          if (item !== null) items.push(item);
        }
        if (items.length >= limit || reading.isComplete || pages >= mostPages) break;
        await reading.extend(fetchPage, signal);
      }
      const isEnd = reading.isComplete && offset >= reading.ids.length;
      return {
        items,
        // A list whose first page is empty but goes on has no place to point at yet; no Hub answers so.
        nextCursor: isEnd || offset === 0 ? null : encodePosition(question, reading.positionAt(offset)),
        reading,
      };
    },
  };
}

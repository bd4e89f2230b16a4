import type { Failure } from "../../contract/error.ts";
import type { HubPage } from "../../contract/hub.ts";
import type { Answered } from "./earlier-answer.ts";
import type { Position } from "./cursor.ts";
import type { KeptPage } from "./store.ts";

/** One page of the list behind a reading. */
export type FetchPage = (cursor: string | null, signal: AbortSignal) => Promise<Answered<KeptPage>>;

/**
 * Somebody's way through the list of one question. Keeps the ids in the order in which they were first seen, so that
 * a model whose place in the Hub's list changes meanwhile is neither shown twice nor pushes another one out.
 */
export interface Reading {
  readonly id: string;
  readonly question: string;
  readonly ids: readonly string[];
  readonly isComplete: boolean;
  /** What all pages so far have in common: as good as the worst of them. */
  readonly source: HubPage["source"];
  readonly stale: boolean;
  readonly problem: Failure | null;
  /** Fetches the next page of the list; calls at the same time share it. */
  extend(fetchPage: FetchPage, signal: AbortSignal): Promise<void>;
  positionAt(offset: number): Position;
}

interface Mark {
  readonly start: number;
  readonly cursor: string | null;
}

/** @param start the Hub's cursor to begin at: of a reader whose reading is forgotten. */
export function createReading(id: string, question: string, start: string | null = null): Reading {
  const ids: string[] = [];
  const seen = new Set<string>();
  const marks: Mark[] = [];
  let next: string | null = start;
  let isComplete = false;
  let source: HubPage["source"] = "hub";
  let stale = false;
  let problem: Failure | null = null;
  let extending: Promise<void> | null = null;

  const append = ({ value, ...from }: Answered<KeptPage>): void => {
    marks.push({ start: ids.length, cursor: next });
    for (const entry of value.ids) {
      if (seen.has(entry)) continue;
      seen.add(entry);
      ids.push(entry);
    }
    // A cursor that leads to where it came from would never end.
    isComplete = value.nextCursor === null || value.nextCursor === next;
    next = value.nextCursor;
    ({ source, stale, problem } = from);
  };

  return {
    ...{ id, question, ids },
    get isComplete() {
      return isComplete;
    },
    get source() {
      return source;
    },
    get stale() {
      return stale;
    },
    get problem() {
      return problem;
    },
    async extend(fetchPage, signal) {
      const before = marks.length;
      // Whoever fetches for us may leave before it is here: then we do it ourselves.
      while (extending !== null) await extending.catch(() => undefined);
      if (marks.length > before || isComplete) return;
      extending = fetchPage(next, signal).then(append);
      try {
        await extending;
      } finally {
        extending = null;
      }
    },
    positionAt(offset) {
      const mark = marks.findLast(({ start: first }) => first < offset) ?? { start: 0, cursor: start };
      return {
        session: id,
        offset,
        hubCursor: mark.cursor,
        inPage: offset - mark.start,
        last: ids[offset - 1] ?? "",
      };
    },
  };
}

/** How many of a new reading's first page its reader has seen, by where the forgotten one was. */
export function offsetInPage(ids: readonly string[], { last, inPage }: Position): number {
  const index = ids.indexOf(last);
  return index === -1 ? Math.min(inPage, ids.length) : index + 1;
}

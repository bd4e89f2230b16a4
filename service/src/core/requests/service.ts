import type { z } from "zod";
import type { RequestDetail, RequestEntry, RequestExportQuery, RequestPage } from "../../contract/requests.ts";
import type { RequestQuery, RequestStats, RequestStatsQuery } from "../../contract/requests.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import type { Position } from "../../platform/database/page.ts";
import type { Reader } from "../../platform/database/reader.ts";
import { AppError } from "../../platform/errors.ts";
import type { Events } from "../../platform/events.ts";
import type { Log } from "../../platform/log.ts";
import { cleanTexts } from "./clean-texts.ts";
import type { RequestTexts } from "./clean-texts.ts";
import { exportText } from "./export-text.ts";
import { createRequestMetrics } from "./metrics.ts";
import type { PresentFigures } from "./metrics.ts";
import { createRequestReadStore } from "./read-store.ts";
import type { RequestBodies, RequestRow } from "./request-row.ts";
import { createRetention } from "./retention.ts";
import type { RetentionSettings } from "./retention.ts";
import { createRequestStore } from "./store.ts";
import type { Finished } from "./store.ts";

/** The gateway's log. Rows are written when a request has ended, in batches, off the answer's path. */
export interface Requests {
  /** @param texts what was said, of a request that is to be kept with it. */
  record(row: RequestRow, texts?: RequestTexts | null): void;
  list(query: z.output<typeof RequestQuery>): Promise<z.output<typeof RequestPage>>;
  /** @throws AppError `not_found` */
  get(id: string): RequestDetail;
  /** The newest, for a client that begins to listen. */
  newest(limit: number): RequestEntry[];
  stats(query: z.output<typeof RequestStatsQuery>): Promise<RequestStats>;
  /** Page after page, oldest first, as fast as it is read. */
  export(query: z.output<typeof RequestExportQuery>): AsyncIterable<string>;
  /** Whether a request that begins now is to be kept with its texts. */
  keepsTexts(): boolean;
  /** All requests since the start and what is now, as Prometheus reads it. */
  metrics(present: PresentFigures): string;
  /** Writes what waits; before every look, and at the stop. */
  flush(): void;
  close(): void;
}

export interface RequestSettings extends RetentionSettings {
  readonly recordBodiesUntil: string | null;
}

export interface RequestsDependencies {
  readonly database: Database;
  readonly reader: Reader;
  readonly settings: {
    values(): RequestSettings;
    onChange(listener: () => void): () => void;
    guard(check: (values: RequestSettings) => void): void;
  };
  readonly events: Events;
  readonly clock: Clock;
  readonly log: Log;
  /** Secrets of this service, which no text may keep. */
  readonly secrets: () => readonly string[];
  /** Which models were unloaded for a request's own. */
  readonly swapCause: (row: RequestRow) => string | null;
}

const flushAfterMs = 200;
const exportRows = 500;
/** Whoever switches it on for good has forgotten that it is on. */
const longestBodiesMs = 24 * 60 * 60 * 1000;

export function createRequests(dependencies: RequestsDependencies): Requests {
  const { database, reader, settings, events, clock, log, secrets, swapCause } = dependencies;
  const store = createRequestStore(database);
  const reads = createRequestReadStore(reader);
  const retention = createRetention({ store, reads, settings, clock, log });
  const metrics = createRequestMetrics();
  let waiting: Finished[] = [];
  let cancelFlush: (() => void) | null = null;

  const forget = settings.onChange(() => retention.soon());
  settings.guard(({ recordBodiesUntil: until }) => {
    if (until === null || Date.parse(until) <= clock.now() + longestBodiesMs) return;
    throw new AppError("invalid_request", "recordBodiesUntil may lie at most 24 hours ahead.", {
      details: { param: "recordBodiesUntil" },
    });
  });

  const flush = (): void => {
    cancelFlush?.();
    cancelFlush = null;
    const finished = waiting;
    waiting = [];
    if (finished.length === 0) return;
    try {
      retention.added(store.insert(finished));
    } catch (error) {
      // A full disk must not fail answers that were already given.
      log.error({ error, rows: finished.length }, "request rows could not be written");
      return;
    }
    for (const { row } of finished) events.publish("request.finished", entryOf(row));
  };

  const bodiesOf = (texts: RequestTexts): RequestBodies | null => {
    try {
      return cleanTexts(texts, secrets());
    } catch (error) {
      // Nested too deep, for example. The row matters more than its texts.
      log.error({ error }, "the texts of a request could not be kept");
      return null;
    }
  };

  async function* pages(query: z.output<typeof RequestExportQuery>): AsyncGenerator<RequestEntry[]> {
    const { format: _format, ...filter } = query;
    let position: Position | null = null;
    for (;;) {
      const rows = await reads.after(filter, position, exportRows);
      yield rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < exportRows) return;
      position = { time: last.startedAt, id: last.id };
    }
  }

  return {
    record(row, texts = null) {
      metrics.count(row);
      waiting.push({ row: { ...row, swapCause: swapCause(row) }, bodies: texts === null ? null : bodiesOf(texts) });
      cancelFlush ??= clock.after(flushAfterMs, flush);
    },
    list({ limit, cursor, ...filter }) {
      flush();
      return reads.list(filter, { limit, cursor });
    },
    get(id) {
      flush();
      const found = store.find(id);
      if (found) return found;
      throw new AppError("not_found", "There is no such request in the log. It may have been too old to keep.");
    },
    newest(limit) {
      flush();
      return store.newest(limit);
    },
    stats({ by, ...filter }) {
      flush();
      return reads.stats(filter, by);
    },
    export(query) {
      flush();
      return exportText(pages(query), query.format);
    },
    keepsTexts() {
      const until = settings.values().recordBodiesUntil;
      return until !== null && clock.now() < Date.parse(until);
    },
    metrics: (present) => metrics.text(present),
    flush,
    close() {
      forget();
      retention.close();
      flush();
    },
  };
}

function entryOf(row: RequestRow): RequestEntry {
  return { ...row, droppedKeys: [...row.droppedKeys] };
}

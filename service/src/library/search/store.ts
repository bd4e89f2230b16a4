import type { HubSort } from "../../contract/hub.ts";
import type { Database } from "../../platform/database/open.ts";
import type { FileSize } from "../hub/index.ts";
import type { HubFacts } from "./hub-facts.ts";

/** What a model's own page said, of one commit. */
export interface ModelDetails {
  readonly facts: HubFacts;
  readonly commit: string;
  readonly files: readonly FileSize[];
  readonly tags: readonly string[];
  readonly licenseUrl: string | null;
}

export interface KnownModel {
  readonly id: string;
  readonly listing: HubFacts | null;
  /** ISO-8601; null = never in a list. */
  readonly listedAt: string | null;
  readonly details: ModelDetails | null;
  readonly detailedAt: string | null;
}

export interface KeptPage {
  readonly ids: readonly string[];
  readonly nextCursor: string | null;
  readonly askedAt: string;
}

export interface SearchStore {
  /** One page of a question and what it said of its models, in one step. */
  savePage(question: string, page: KeptPage, listings: readonly HubFacts[]): void;
  page(question: string): KeptPage | null;
  model(id: string): KnownModel | null;
  saveDetails(details: ModelDetails, at: string): void;
  /** Ids of the known models with every word in them, in order. */
  idsWith(words: readonly string[], sort: HubSort): string[];
  /** Markdown of that commit; undefined = not kept, null = there is none. */
  card(id: string, commit: string): string | null | undefined;
  saveCard(id: string, commit: string, card: string | null, at: string): void;
  /** Removes what is older, and the oldest beyond the bounds; at most 500 rows of each kind. */
  prune(olderThan: string): void;
}

/** Raised when facts get a new meaning: what was kept by an older meaning counts as not kept. */
const factsVersion = 1;
const bounds = { hub_models: 5000, hub_pages: 500, hub_cards: 300 } as const;
const times = { hub_models: "seen_at", hub_pages: "asked_at", hub_cards: "kept_at" } as const;
const pruneRows = 500;
const sortColumns = {
  ...{ downloads: "downloads", likes: "likes", trending: "trending" },
  ...{ updated: "updated_at", created: "created_at", size: "size_bytes" },
} as const satisfies Record<HubSort, string>;

type Statement = ReturnType<Database["prepare"]>;

interface ModelRow {
  id: string;
  listing: string | null;
  listed_at: string | null;
  details: string | null;
  detailed_at: string | null;
}

export function createSearchStore(database: Database): SearchStore {
  const upsertPage = database.prepare(
    `INSERT INTO hub_pages (question, ids, next_cursor, asked_at) VALUES (@question, @ids, @nextCursor, @askedAt)
     ON CONFLICT (question) DO UPDATE SET ids = excluded.ids, next_cursor = excluded.next_cursor,
       asked_at = excluded.asked_at`,
  );
  const upsertListing = database.prepare(
    `INSERT INTO hub_models
       (id, listing, listed_at, downloads, likes, trending, created_at, updated_at, size_bytes, seen_at)
     VALUES (@id, @listing, @at, @downloads, @likes, @trending, @createdAt, @updatedAt, @sizeBytes, @at)
     ON CONFLICT (id) DO UPDATE SET listing = excluded.listing, listed_at = excluded.listed_at,
       downloads = excluded.downloads, likes = excluded.likes, trending = excluded.trending,
       created_at = excluded.created_at, updated_at = excluded.updated_at,
       size_bytes = coalesce(size_bytes, excluded.size_bytes), seen_at = excluded.seen_at`,
  );
  const upsertDetails = database.prepare(
    `INSERT INTO hub_models
       (id, details, detailed_at, downloads, likes, created_at, updated_at, size_bytes, seen_at)
     VALUES (@id, @details, @at, @downloads, @likes, @createdAt, @updatedAt, @sizeBytes, @at)
     ON CONFLICT (id) DO UPDATE SET details = excluded.details, detailed_at = excluded.detailed_at,
       size_bytes = excluded.size_bytes, seen_at = excluded.seen_at`,
  );
  const upsertCard = database.prepare(
    `INSERT INTO hub_cards (id, commit_sha, card, kept_at) VALUES (@id, @commit, @card, @at)
     ON CONFLICT (id) DO UPDATE SET commit_sha = excluded.commit_sha, card = excluded.card, kept_at = excluded.kept_at`,
  );
  const page = database.prepare("SELECT ids, next_cursor, asked_at FROM hub_pages WHERE question = @question");
  const model = database.prepare("SELECT id, listing, listed_at, details, detailed_at FROM hub_models WHERE id = @id");
  const card = database.prepare("SELECT card FROM hub_cards WHERE id = @id AND commit_sha = @commit");
  const ids = Object.fromEntries(
    Object.entries(sortColumns).map(([sort, column]) => [
      sort,
      database.prepare(`SELECT id FROM hub_models ORDER BY ${column} DESC NULLS LAST, id`).pluck(),
    ]),
  ) as Record<HubSort, Statement>;
  const prunes = (Object.keys(bounds) as (keyof typeof bounds)[]).map((table) => {
    const [key, time] = [table === "hub_pages" ? "question" : "id", times[table]];
    return database.prepare(
      `DELETE FROM ${table} WHERE ${key} IN (
         SELECT ${key} FROM ${table} WHERE ${time} < @olderThan
           OR ${key} IN (SELECT ${key} FROM ${table} ORDER BY ${time} DESC LIMIT -1 OFFSET ${bounds[table]})
         LIMIT ${pruneRows})`,
    );
  });

  return {
    savePage: database.transaction((question: string, kept: KeptPage, listings: readonly HubFacts[]) => {
      const { nextCursor, askedAt } = kept;
      upsertPage.run({ question, ids: JSON.stringify(kept.ids), nextCursor, askedAt });
      for (const facts of listings) upsertListing.run({ ...columns(facts), listing: packed(facts), at: askedAt });
    }),
    page(question) {
      const row = page.get({ question }) as { ids: string; next_cursor: string | null; asked_at: string } | undefined;
      if (row === undefined) return null;
      return { ids: JSON.parse(row.ids) as string[], nextCursor: row.next_cursor, askedAt: row.asked_at };
    },
    model(id) {
      const row = model.get({ id }) as ModelRow | undefined;
      if (row === undefined) return null;
      const listing = unpacked<HubFacts>(row.listing);
      const details = unpacked<ModelDetails>(row.details);
      return { id, listing, listedAt: row.listed_at, details, detailedAt: row.detailed_at };
    },
    saveDetails(details, at) {
      upsertDetails.run({ ...columns(details.facts), details: packed(details), at });
    },
    idsWith(words, sort) {
      const all = ids[sort].all({}) as string[];
      return all.filter((id) => words.every((word) => id.toLowerCase().includes(word)));
    },
    card: (id, commit) => (card.get({ id, commit }) as { card: string | null } | undefined)?.card,
    saveCard: (id, commit, text, at) => void upsertCard.run({ id, commit, card: text, at }),
    prune(olderThan) {
      for (const statement of prunes) statement.run({ olderThan });
    },
  };
}

function columns({ id, downloads, likes, trending, createdAt, updatedAt, sizeBytes }: HubFacts) {
  return { id, downloads, likes, trending, createdAt, updatedAt, sizeBytes };
}

function packed(value: object): string {
  return JSON.stringify({ v: factsVersion, value });
}

function unpacked<Value>(text: string | null): Value | null {
  if (text === null) return null;
  const { v, value } = JSON.parse(text) as { v: number; value: Value };
  return v === factsVersion ? value : null;
}

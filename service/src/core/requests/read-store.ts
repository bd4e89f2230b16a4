import type { RequestEntry, RequestFilter, RequestStats, StatsGroup } from "../../contract/requests.ts";
import { decodeCursor, pageOf } from "../../platform/database/page.ts";
import type { Page, Position } from "../../platform/database/page.ts";
import type { Reader, Values } from "../../platform/database/reader.ts";
import { fromStored, selectedColumns } from "./request-row.ts";
import type { StoredRequest } from "./request-row.ts";

/** The reader's side of the log: what may take its time. */
export interface RequestReadStore {
  /** Newest first. */
  list(filter: RequestFilter, page: { limit: number; cursor?: string | undefined }): Promise<Page<RequestEntry>>;
  /** The next rows after a position, oldest first, so that what comes in meanwhile changes nothing before it. */
  after(filter: RequestFilter, position: Position | null, limit: number): Promise<RequestEntry[]>;
  stats(filter: RequestFilter, by: readonly StatsGroup[]): Promise<RequestStats>;
  /** What all rows together count against the log's size, in bytes. */
  size(): Promise<number>;
}

export function createRequestReadStore(reader: Reader): RequestReadStore {
  return {
    async list(filter, { limit, cursor }) {
      const after = decodeCursor(cursor);
      const { where, values } = conditionsOf(filter);
      const beyond = after === null ? "" : "AND (started_at, id) < (@afterTime, @afterId)";
      const rows = await reader.all<StoredRequest>(
        `SELECT ${selectedColumns} FROM requests WHERE ${where} ${beyond} ORDER BY started_at DESC, id DESC LIMIT @limit`,
        { ...values, ...positionValues(after), limit: limit + 1 },
      );
      return pageOf(rows.map(fromStored), limit, ({ startedAt, id }) => ({ time: startedAt, id }));
    },
    async after(filter, position, limit) {
      const { where, values } = conditionsOf(filter);
      const beyond = position === null ? "" : "AND (started_at, id) > (@afterTime, @afterId)";
      const rows = await reader.all<StoredRequest>(
        `SELECT ${selectedColumns} FROM requests WHERE ${where} ${beyond} ORDER BY started_at, id LIMIT @limit`,
        { ...values, ...positionValues(position), limit },
      );
      return rows.map(fromStored);
    },
    async stats(filter, by) {
      const { where, values } = conditionsOf(filter);
      const rows = await reader.all<StatsRow>(statsSql(where, by), values);
      return { groups: rows.slice(0, mostGroups).map(groupOf), truncated: rows.length > mostGroups };
    },
    async size() {
      const [row] = await reader.all<{ bytes: number | null }>("SELECT SUM(bytes) AS bytes FROM requests", {});
      return row?.bytes ?? 0;
    },
  };
}

const mostGroups = 1000;

const conditions: Readonly<Record<keyof RequestFilter, string>> = {
  model: "(model = @model OR requested_model = @model)",
  status: "status = @status",
  protocol: "protocol = @protocol",
  client: "client = @client",
  key: "key_id = @key",
  agent: "agent = @agent",
  session: "session = @session",
  subagent: "subagent = @subagent",
  route: "route = @route",
  since: "started_at >= @since",
  until: "started_at < @until",
  errors: "(error_code IS NOT NULL) = @errors",
};

function conditionsOf(filter: RequestFilter): { where: string; values: Values } {
  const asked = Object.entries(filter).filter(([, value]) => value !== undefined) as [keyof RequestFilter, unknown][];
  const where = ["TRUE", ...asked.map(([name]) => conditions[name])].join(" AND ");
  const values = asked.map(([name, value]) => [name, typeof value === "boolean" ? Number(value) : value]);
  return { where, values: Object.fromEntries(values) as Values };
}

function positionValues(position: Position | null): Values {
  return position === null ? {} : { afterTime: position.time, afterId: position.id };
}

const groupColumns: Readonly<Record<StatsGroup, string>> = {
  model: "COALESCE(model, requested_model)",
  day: "substr(started_at, 1, 10)",
  client: "client",
  protocol: "protocol",
  key: "key_id",
  agent: "agent",
  session: "session",
  subagent: "subagent",
  route: "route",
};

interface StatsRow extends Partial<Record<Exclude<StatsGroup, "subagent">, string>> {
  readonly subagent?: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly requests: number;
  readonly errors: number;
  readonly left: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  readonly firstP50: number | null;
  readonly firstP95: number | null;
  readonly rateP50: number | null;
  readonly rateP95: number | null;
}

type StatsGroupView = RequestStats["groups"][number];

/** Nearest-rank percentiles: each is a value that was measured, of those rows alone that have one. */
function statsSql(where: string, by: readonly StatsGroup[]): string {
  const named = by.map((name) => `${groupColumns[name]} AS "${name}"`);
  const figures =
    "started_at, error_code, client_left, input_tokens, output_tokens, cached_tokens, first_token_ms, tokens_per_second";
  const names = by.map((name) => `"${name}"`);
  const group = names.length === 0 ? "1" : names.join(", ");
  const ranks = (column: string, name: string) =>
    `CASE WHEN ${column} IS NULL THEN NULL ELSE ROW_NUMBER() OVER (PARTITION BY ${group}, ${column} IS NULL ORDER BY ${column}) END AS ${name}Rank,
     COUNT(${column}) OVER (PARTITION BY ${group}) AS ${name}Count`;
  const percentile = (share: number, column: string, name: string) =>
    `MIN(CASE WHEN ${name}Rank >= ${share} * ${name}Count THEN ${column} END)`;
  return `WITH chosen AS (SELECT ${[...named, figures].join(", ")} FROM requests WHERE ${where}),
    ranked AS (SELECT *, ${ranks("first_token_ms", "first")}, ${ranks("tokens_per_second", "rate")} FROM chosen)
    SELECT ${[...names, "COUNT(*) AS requests"].join(", ")},
      MIN(started_at) AS firstAt, MAX(started_at) AS lastAt, COUNT(error_code) AS errors, SUM(client_left) AS left,
      COALESCE(SUM(input_tokens), 0) AS inputTokens, COALESCE(SUM(output_tokens), 0) AS outputTokens,
      COALESCE(SUM(cached_tokens), 0) AS cachedTokens,
      ${percentile(0.5, "first_token_ms", "first")} AS firstP50, ${percentile(0.95, "first_token_ms", "first")} AS firstP95,
      ${percentile(0.5, "tokens_per_second", "rate")} AS rateP50, ${percentile(0.95, "tokens_per_second", "rate")} AS rateP95
    FROM ranked ${names.length === 0 ? "HAVING COUNT(*) > 0" : `GROUP BY ${group}`}
    ORDER BY requests DESC${names.length === 0 ? "" : `, ${group}`} LIMIT ${mostGroups + 1}`;
}

function groupOf({ firstP50, firstP95, rateP50, rateP95, subagent, ...rest }: StatsRow): StatsGroupView {
  const marked = subagent === undefined ? {} : { subagent: subagent === 1 };
  return {
    ...rest,
    ...marked,
    firstTokenMs: { p50: firstP50, p95: firstP95 },
    tokensPerSecond: { p50: rateP50, p95: rateP95 },
  };
}

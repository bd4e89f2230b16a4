import type { RequestEntry } from "../../contract/requests.ts";

/** Metadata of one gateway request; never its text. Times in milliseconds, tokens as the engine counted them. */
export type RequestRow = Readonly<Omit<RequestEntry, "droppedKeys">> & {
  /** Names of keys the client sent that nothing of ours understands. */
  readonly droppedKeys: readonly string[];
};

/** What was said, kept only while a person has switched that on. */
export interface RequestBodies {
  readonly request: string | null;
  readonly response: string | null;
  readonly truncated: boolean;
}

/** Names of columns by the names of fields. New ones come last: people read exports by place. */
export const requestColumns = {
  id: "id",
  startedAt: "started_at",
  finishedAt: "finished_at",
  protocol: "protocol",
  path: "path",
  streamed: "streamed",
  client: "client",
  keyId: "key_id",
  requestedModel: "requested_model",
  model: "model",
  profileId: "profile_id",
  serverId: "server_id",
  engine: "engine",
  status: "status",
  finishReason: "finish_reason",
  errorCode: "error_code",
  errorSource: "error_source",
  clientLeft: "client_left",
  inputTokens: "input_tokens",
  outputTokens: "output_tokens",
  cachedTokens: "cached_tokens",
  reasoningTokens: "reasoning_tokens",
  queueMs: "queue_ms",
  loadMs: "load_ms",
  waitMs: "wait_ms",
  firstTokenMs: "first_token_ms",
  durationMs: "duration_ms",
  tokensPerSecond: "tokens_per_second",
  swapCause: "swap_cause",
  droppedKeys: "dropped_keys",
  agent: "agent",
  session: "session",
  subagent: "subagent",
  route: "route",
} as const satisfies Record<keyof RequestRow, string>;

export const requestFields = Object.keys(requestColumns) as (keyof RequestRow)[];

/** The columns of a SELECT, under the names of the fields. */
export const selectedColumns = requestFields.map((name) => `${requestColumns[name]} AS ${name}`).join(", ");

/** What SQLite keeps of a row: switches as numbers, a list as JSON. */
export type StoredRequest = Omit<RequestRow, "streamed" | "subagent" | "clientLeft" | "droppedKeys"> & {
  readonly streamed: number;
  readonly subagent: number;
  readonly clientLeft: number;
  readonly droppedKeys: string;
};

export function toStored(row: RequestRow): StoredRequest {
  const { streamed, subagent, clientLeft, droppedKeys } = row;
  return {
    ...row,
    ...{ streamed: Number(streamed), subagent: Number(subagent), clientLeft: Number(clientLeft) },
    droppedKeys: JSON.stringify(droppedKeys),
  };
}

export function fromStored(row: StoredRequest): RequestEntry {
  const { streamed, subagent, clientLeft, droppedKeys } = row;
  return {
    ...row,
    ...{ streamed: streamed === 1, subagent: subagent === 1, clientLeft: clientLeft === 1 },
    droppedKeys: JSON.parse(droppedKeys) as string[],
  };
}

import { errorStatus } from "../contract/error.ts";
import type { ErrorCode } from "../contract/error.ts";
import type { Profile } from "../contract/profiles.ts";
import type { AnswerBlock, RequestRow, RequestTexts } from "../core/requests/index.ts";
import { timestamp } from "../platform/clock.ts";
import type { Clock } from "../platform/clock.ts";
import type { AppError } from "../platform/errors.ts";
import type { GatewayLease } from "./dependencies.ts";
import { sourceOf } from "./failures.ts";
import type { ErrorSource, Part } from "./parts.ts";

/** Collects one request's row while it runs and records it once, however it ends. */
export interface RequestTrack {
  understood(facts: Partial<Pick<RequestRow, "streamed" | "requestedModel" | "droppedKeys" | TrackedMarks>>): void;
  resolved(profile: Profile): void;
  leased(lease: GatewayLease): void;
  see(parts: readonly Part[]): void;
  failed(error: AppError): void;
  /** Writes the row; later calls do nothing. `left`: the client did not wait for the end. `body`: as it was parsed. */
  end(outcome: { left: boolean; body?: unknown }): void;
}

/** Of the conversation, and why somebody else answered than was asked. */
type TrackedMarks = "agent" | "session" | "subagent" | "route";

export interface TrackOptions {
  readonly id: string;
  readonly protocol: string;
  readonly path: string;
  /** The program that asks, as it names itself. */
  readonly client?: string | null | undefined;
  /** The named key it came with. */
  readonly keyId?: string | null | undefined;
  readonly clock: Clock;
  readonly record: (row: RequestRow, texts: RequestTexts | null) => void;
  /** Whether the texts are recorded with the row. */
  readonly keepsTexts?: boolean | undefined;
}

/** Not an HTTP status of anybody's answer: what proxies log for a client that left. */
const clientLeftStatus = 499;

type Draft = { -readonly [Key in keyof RequestRow]: RequestRow[Key] };

export function trackRequest(options: TrackOptions): RequestTrack {
  const { id, protocol, path, client, keyId, clock, record } = options;
  const said = options.keepsTexts === true ? collectBlocks() : null;
  const startedAt = clock.monotonic();
  const since = () => clock.monotonic() - startedAt;
  const row: Draft = emptyRow({ id, protocol, path, client, keyId }, timestamp(clock));
  const wait = waitWatch(since);
  let isRecorded = false;
  let deltas = 0;
  /** Of the first read that brought any: they came together, and tell nothing of the engine's pace. */
  let firstDeltas = 0;
  let lastTokenMs = 0;

  const fail = (code: ErrorCode, source: ErrorSource): void => {
    row.errorCode = code;
    row.errorSource = source;
    row.status = errorStatus[code];
  };
  const see = (part: Part): void => {
    if (part.type === "block-delta") deltas += 1;
    else if (part.type === "progress") wait.progress(part.phase);
    else if (part.type === "finish") row.finishReason = part.reason;
    else if (part.type === "error") fail(part.code, part.source);
    else if (part.type === "usage") {
      row.inputTokens = part.input;
      row.outputTokens = part.output;
      row.cachedTokens = part.cached;
      row.reasoningTokens = part.reasoning;
    }
  };
  return {
    understood: (facts) => void Object.assign(row, facts),
    resolved: (profile) => {
      row.model = profile.model;
      row.profileId = profile.id;
      row.engine = profile.engine;
      wait.begin();
    },
    leased: ({ serverId }) => {
      row.serverId = serverId;
      row.waitMs = since();
      Object.assign(row, wait.end());
    },
    see(parts) {
      const before = deltas;
      parts.forEach(see);
      said?.see(parts);
      if (deltas === before) return;
      lastTokenMs = since();
      if (row.firstTokenMs !== null) return;
      row.firstTokenMs = lastTokenMs;
      firstDeltas = deltas;
    },
    failed: (error) => fail(error.code, sourceOf(error)),
    end({ left, body }) {
      if (isRecorded) return;
      isRecorded = true;
      row.finishedAt = timestamp(clock);
      row.durationMs = since();
      // An answer that was cut off was never counted by its engine; a delta is a token there.
      if (deltas > 0) row.outputTokens ??= deltas;
      row.tokensPerSecond = rateOf(row, firstDeltas, lastTokenMs);
      // Refused, or left, while it waited: the wait is all there was of it.
      Object.assign(row, wait.end());
      // The end may have been written before the client closed: then it has its whole answer, or knows who failed.
      const isOver = row.finishReason !== null || row.errorSource === "engine";
      if (left && !isOver) Object.assign(row, leftOutcome);
      // A copy: what still fails behind a client that left is nobody's outcome.
      record({ ...row }, said === null ? null : { request: body, answer: said.blocks() });
    },
  };
}

const leftOutcome = { clientLeft: true, status: clientLeftStatus, errorCode: null, errorSource: null };

/** More than this of one answer is not kept. */
const mostCharacters = 1_100_000;

/** The blocks of an answer with their whole texts. */
function collectBlocks() {
  const blocks: { kind: string; name?: string | undefined; text: string }[] = [];
  const open = new Map<number, (typeof blocks)[number]>();
  let characters = 0;
  return {
    see(parts: readonly Part[]): void {
      for (const part of parts) {
        if (part.type === "block-start") {
          const block = { kind: part.kind, name: part.name, text: "" };
          open.set(part.index, block);
          blocks.push(block);
        }
        if (part.type !== "block-delta" || characters > mostCharacters) continue;
        characters += part.text.length;
        const block = open.get(part.index);
        if (block) block.text += part.text;
      }
    },
    blocks: (): readonly AnswerBlock[] => blocks,
  };
}

/** Splits the wait for an engine: what is not known to be loading is a wait for a place. */
function waitWatch(since: () => number) {
  const waited = { queueMs: 0, loadMs: 0 };
  let phase: keyof typeof waited | null = null;
  let begunAt = 0;
  let hasBegun = false;
  const turnTo = (next: typeof phase): void => {
    const now = since();
    if (phase !== null) waited[phase] += now - begunAt;
    begunAt = now;
    phase = next;
  };
  return {
    begin() {
      hasBegun = true;
      turnTo("queueMs");
    },
    progress(name: "queued" | "loading" | "prefill") {
      if (phase !== null && name !== "prefill") turnTo(name === "queued" ? "queueMs" : "loadMs");
    },
    end() {
      turnTo(null);
      return hasBegun ? waited : { queueMs: null, loadMs: null };
    },
  };
}

/** Tokens a second after those that came first; of an answer that came at once nothing can be said. */
function rateOf({ outputTokens, firstTokenMs }: Draft, firstTokens: number, lastTokenMs: number): number | null {
  const milliseconds = lastTokenMs - (firstTokenMs ?? lastTokenMs);
  const tokens = (outputTokens ?? 0) - firstTokens;
  return tokens < 1 || milliseconds <= 0 ? null : (tokens * 1000) / milliseconds;
}

function emptyRow(
  { id, protocol, path, client = null, keyId = null }: Omit<TrackOptions, "clock" | "record">,
  startedAt: string,
): Draft {
  return {
    id,
    protocol,
    path,
    client,
    keyId,
    startedAt,
    finishedAt: startedAt,
    streamed: false,
    requestedModel: null,
    agent: null,
    session: null,
    subagent: false,
    route: null,
    model: null,
    profileId: null,
    serverId: null,
    engine: null,
    status: 200,
    finishReason: null,
    errorCode: null,
    errorSource: null,
    clientLeft: false,
    inputTokens: null,
    outputTokens: null,
    cachedTokens: null,
    reasoningTokens: null,
    waitMs: null,
    firstTokenMs: null,
    durationMs: 0,
    queueMs: null,
    loadMs: null,
    tokensPerSecond: null,
    swapCause: null,
    droppedKeys: [],
  };
}

import { errorStatus } from "../contract/error.ts";
import type { ErrorCode } from "../contract/error.ts";
import type { Profile } from "../contract/profiles.ts";
import type { RequestRow } from "../core/requests/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { AppError } from "../platform/errors.ts";
import type { GatewayLease } from "./dependencies.ts";
import { sourceOf } from "./failures.ts";
import type { ErrorSource, Part } from "./parts.ts";

/** Collects one request's row while it runs and records it once, however it ends. */
export interface RequestTrack {
  understood(facts: Partial<Pick<RequestRow, "streamed" | "requestedModel" | "droppedKeys">>): void;
  resolved(profile: Profile): void;
  leased(lease: GatewayLease): void;
  see(parts: readonly Part[]): void;
  failed(error: AppError): void;
  /** Writes the row; later calls do nothing. `left`: the client did not wait for the end. */
  end(outcome: { left: boolean }): void;
}

export interface TrackOptions {
  readonly id: string;
  readonly protocol: string;
  readonly path: string;
  readonly clock: Clock;
  readonly record: (row: RequestRow) => void;
}

/** Not an HTTP status of anybody's answer: what proxies log for a client that left. */
const clientLeftStatus = 499;

type Draft = { -readonly [Key in keyof RequestRow]: RequestRow[Key] };

export function trackRequest({ id, protocol, path, clock, record }: TrackOptions): RequestTrack {
  const startedAt = clock.monotonic();
  const since = () => clock.monotonic() - startedAt;
  const row: Draft = emptyRow(id, protocol, path, new Date(clock.now()).toISOString());
  let isRecorded = false;
  let deltas = 0;

  const fail = (code: ErrorCode, source: ErrorSource): void => {
    row.errorCode = code;
    row.errorSource = source;
    row.status = errorStatus[code];
  };
  const see = (part: Part): void => {
    if (part.type === "block-delta") {
      deltas += 1;
      row.firstTokenMs ??= since();
    } else if (part.type === "finish") row.finishReason = part.reason;
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
    },
    leased: ({ serverId }) => {
      row.serverId = serverId;
      row.waitMs = since();
    },
    see: (parts) => parts.forEach(see),
    failed: (error) => fail(error.code, sourceOf(error)),
    end({ left }) {
      if (isRecorded) return;
      isRecorded = true;
      row.finishedAt = new Date(clock.now()).toISOString();
      row.durationMs = since();
      // An answer that was cut off was never counted by its engine; a delta is a token there.
      if (deltas > 0) row.outputTokens ??= deltas;
      // The end may have been written before the client closed: then it has its whole answer.
      if (left && row.finishReason === null) Object.assign(row, leftOutcome);
      // A copy: what still fails behind a client that left is nobody's outcome.
      record({ ...row });
    },
  };
}

const leftOutcome = { clientLeft: true, status: clientLeftStatus, errorCode: null, errorSource: null };

function emptyRow(id: string, protocol: string, path: string, startedAt: string): Draft {
  return {
    ...{ id, protocol, path, startedAt, finishedAt: startedAt, streamed: false, requestedModel: null },
    ...{ model: null, profileId: null, serverId: null, engine: null, status: 200, finishReason: null },
    ...{ errorCode: null, errorSource: null, clientLeft: false, inputTokens: null, outputTokens: null },
    ...{ cachedTokens: null, reasoningTokens: null, waitMs: null, firstTokenMs: null, durationMs: 0 },
    droppedKeys: [],
  };
}

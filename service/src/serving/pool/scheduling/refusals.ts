import { AppError, isAppError } from "../../../platform/errors.ts";
import type { ForecastMemory } from "./admission.ts";
import { unexpectedFailure } from "../failures.ts";
import type { Refusal, UnloadReason } from "./scheduler-state.ts";

/** How a server is called where people read it. */
export interface ServerName {
  readonly profile: string;
  readonly model: string;
}

export interface RefusalContext {
  /** Who is refused. */
  readonly name: string;
  readonly forecast: ForecastMemory | null;
  /** Null: it has gone meanwhile. */
  readonly nameOf: (key: string) => ServerName | null;
}

/** Why a request or a start gets no server, with the numbers and the next step. */
export function refusalError(refusal: Refusal, { name, forecast, nameOf }: RefusalContext): AppError {
  switch (refusal.kind) {
    case "queue-full": {
      const { waiting, limit } = refusal;
      const retryAfterSeconds = Math.ceil(refusal.retryAfterMs / 1000);
      const text = `${waiting} requests wait already, and more than ${limit} may not. Try again in ${retryAfterSeconds} s.`;
      return new AppError("queue_full", text, { details: { waiting, limit, retryAfterSeconds } });
    }
    case "waited-too-long": {
      const waitedSeconds = Math.round(refusal.waitedMs / 1000);
      const text = `The request waited ${waitedSeconds} s for a place at ${name} and was given up. Try again later.`;
      return new AppError("engine_timeout", text, { details: { source: "gateway", waitedSeconds } });
    }
    case "no-place": {
      const names = refusal.holders.flatMap(({ key }) => nameOf(key)?.profile ?? []);
      const held = names.length === 0 ? "" : `, which ${names.join(", ")} keep`;
      const text = `No more than ${refusal.maxModels} models may be loaded${held}. Stop one, or raise maxModels.`;
      return new AppError("conflict", text, { details: { maxModels: refusal.maxModels, stop: names } });
    }
    case "no-memory":
      return noMemory(refusal, { name, forecast, nameOf });
    case "failed":
      return isAppError(refusal.error) ? refusal.error : unexpectedFailure(refusal.error);
  }
}

/** Why a server was unloaded, as its row keeps it. */
export function unloadText(reason: UnloadReason, nameOf: RefusalContext["nameOf"]): string {
  if (reason.kind === "idle" && reason.idleMs < 1) return "Unloaded after its last answer, as its client wished.";
  if (reason.kind === "idle") return `Unloaded after ${Math.round(reason.idleMs / 1000)} s without a request.`;
  const other = reason.for === null ? null : nameOf(reason.for);
  return other === null ? "Unloaded to keep within the limits." : roomText(other.profile);
}

/** By these words a request's row finds whom its model displaced. */
export function roomText(profile: string): string {
  return `Unloaded to make room for ${profile}.`;
}

function noMemory(
  { neededBytes, limitBytes, roomBytes, holders }: Extract<Refusal, { kind: "no-memory" }>,
  { name, forecast, nameOf }: RefusalContext,
): AppError {
  const stop = holders.flatMap(({ key, bytes }) => {
    const holder = nameOf(key);
    return holder === null ? [] : [{ ...holder, bytes }];
  });
  const advice =
    stop.length === 0
      ? "Choose a smaller model or a shorter context."
      : `Stop ${stop.map(({ profile, bytes }) => `${profile} (${size(bytes)})`).join(" or ")}, or choose a smaller model.`;
  const text = `${name} needs ${size(neededBytes)} of memory, and ${size(roomBytes)} of ${size(limitBytes)} can be had. ${advice}`;
  const details = {
    ...{ neededBytes, limitBytes, roomBytes, stop },
    ...(forecast === null ? {} : { forecast: { source: forecast.source, ...forecast.parts } }),
  };
  return new AppError("insufficient_memory", text, { details });
}

function size(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}

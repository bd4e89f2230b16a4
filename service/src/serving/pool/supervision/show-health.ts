import { timestamp } from "../../../platform/clock.ts";
import type { Clock } from "../../../platform/clock.ts";
import { toFailure } from "../../../platform/errors.ts";
import type { ServerRecord } from "./server-record.ts";
import type { UnitHealth } from "../units/serving-unit.ts";

/** Shows what a unit says of its own health: `unhealthy` as long as no request reaches it, `ready` again after. */
export function showHealth(record: Pick<ServerRecord, "row" | "move" | "write">, clock: Clock) {
  return ({ status, failureCount, error }: UnitHealth): void => {
    const { state } = record.row;
    if (state !== "ready" && state !== "unhealthy") return;
    const next = error === null ? "ready" : "unhealthy";
    const lastError = error === null ? record.row.lastError : toFailure(error);
    const changes = { healthStatus: status, failureCount, lastCheckedAt: timestamp(clock), lastError };
    if (next === state) record.write(changes);
    else record.move(next, changes);
  };
}

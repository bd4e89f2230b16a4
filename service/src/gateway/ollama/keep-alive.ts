import type { Profile } from "../../contract/profiles.ts";
import { AppError } from "../../platform/errors.ts";
import type { OllamaDependencies } from "./dependencies.ts";

const units = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const term = /([0-9]*\.?[0-9]+)(ns|us|µs|ms|s|m|h)/g;

/**
 * How long a model is to stay after the answer: seconds, or text such as `5m` and `1h30m`.
 * @returns milliseconds; Infinity: for good; undefined: nothing was said. @throws AppError `invalid_request`
 */
export function readKeepAlive(given: number | string | null | undefined): number | undefined {
  if (given === null || given === undefined || given === "") return undefined;
  const seconds = typeof given === "number" ? given : Number(given);
  if (Number.isFinite(seconds)) return seconds < 0 ? Infinity : seconds * 1000;
  const text = String(given);
  const [, sign = "", rest = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const terms = [...rest.matchAll(term)];
  if (rest === "" || terms.map(([whole]) => whole).join("") !== rest) {
    const message = '"keep_alive" must be seconds, or a duration such as "5m" or "1h30m".';
    throw new AppError("invalid_request", message, { details: { param: "keep_alive" } });
  }
  const total = terms.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units], 0);
  return sign === "-" ? Infinity : total;
}

/**
 * Unloads what is served of the profile, unless others are at work on it or it is pinned: one client's wish never cuts
 * another's answer. Begins at once and is not waited for.
 */
export function unloadIdle({ pool, log }: Pick<OllamaDependencies, "pool" | "log">, profile: Profile): void {
  const own = pool.loaded().filter(({ profileId }) => profileId === profile.id);
  if (own.length === 0 || own.some(({ inFlight, waiting, pinned }) => inFlight > 0 || waiting > 0 || pinned)) return;
  pool.stop(profile.id).catch((error: unknown) => log.warn({ error, model: profile.model }, "could not unload"));
}

import type { Failure } from "../../contract/error.ts";
import type { HubToken } from "../../contract/hub-token.ts";
import type { Clock } from "../../platform/clock.ts";
import { AppError, isAppError, toFailure } from "../../platform/errors.ts";
import { tokenHelp } from "./failures.ts";
import type { Hub } from "./service.ts";
import type { TokenSource } from "./token-source.ts";

/** The user's Hugging Face token: which one is in use, and the one stored here. Never answers the token. */
export interface HubTokens {
  /** Asks the Hub whose it is, unless it did so before. What goes wrong is the answer's `problem`. */
  status(signal: AbortSignal): Promise<HubToken>;
  /**
   * Checks it with the Hub, then stores it.
   * @throws AppError `token_invalid`, or what kept the Hub from answering; then nothing is stored. `conflict` while
   * `HF_TOKEN` is set.
   */
  store(token: string, signal: AbortSignal): Promise<HubToken>;
  /** Forgets the stored one. */
  remove(signal: AbortSignal): Promise<HubToken>;
}

export interface HubTokensDependencies {
  readonly source: TokenSource;
  readonly hub: Pick<Hub, "whoAmI" | "isRefused">;
  readonly clock: Clock;
}

interface Check {
  readonly name: string | null;
  readonly problem: Failure | null;
  readonly at: number;
}

/** The Hub limits how often it may be asked who somebody is. */
const keptMs = 60 * 60_000;

export function createHubTokens({ source, hub, clock }: HubTokensDependencies): HubTokens {
  const checks = new Map<string, Check>();

  const check = async (token: string, signal: AbortSignal): Promise<Check> => {
    const account = await hub.whoAmI(token, signal);
    const checked: Check = {
      name: account?.name ?? null,
      problem: account === null ? toFailure(unchecked()) : null,
      at: clock.monotonic(),
    };
    checks.clear();
    checks.set(token, checked);
    return checked;
  };

  const describe = async (token: string, signal: AbortSignal): Promise<Omit<HubToken, "source">> => {
    if (hub.isRefused(token)) return { name: null, problem: toFailure(refused()) };
    const known = checks.get(token);
    if (known && clock.monotonic() - known.at < keptMs) return { name: known.name, problem: known.problem };
    try {
      const { name, problem } = await check(token, signal);
      return { name, problem };
    } catch (error) {
      if (!isAppError(error)) throw error;
      return { name: known?.name ?? null, problem: toFailure(error) };
    }
  };

  const status = async (signal: AbortSignal): Promise<HubToken> => {
    const found = source.find();
    if (found === null) return { source: null, name: null, problem: null };
    if (found.value === null) return { source: found.source, name: null, problem: found.problem };
    return { source: found.source, ...(await describe(found.value, signal)) };
  };

  return {
    status,
    async store(token, signal) {
      if (source.isFixed()) throw fixed();
      await check(token, signal);
      await source.store(token);
      return status(signal);
    },
    async remove(signal) {
      await source.remove();
      return status(signal);
    },
  };
}

function unchecked(): AppError {
  return new AppError(
    "unsupported",
    "This Hub cannot say whose token it is, so it could not be checked. Downloads use it as it is.",
  );
}

function refused(): AppError {
  return new AppError("token_invalid", `The Hub refuses the Hugging Face token. ${tokenHelp}`);
}

function fixed(): AppError {
  return new AppError("conflict", "The token is set by HF_TOKEN. Change that variable and restart the service.", {
    details: { variable: "HF_TOKEN" },
  });
}

/** Quotas as the Hub announces them: a fixed window per caller and kind of request. */
export type RateLimitClass = "api" | "resolvers";

export interface Quota {
  requests: number;
  windowSeconds: number;
}

export interface RateLimiter {
  /** Count one request; answers the headers to send and whether the quota is used up. */
  count(kind: RateLimitClass, caller: string): { headers: Record<string, string>; isExceeded: boolean };
}

/** Without a quota for a kind nothing is counted and no header is sent. */
export function createRateLimiter(quotas: Partial<Record<RateLimitClass, Quota>>, now: () => number): RateLimiter {
  const windows = new Map<string, { endsAt: number; used: number }>();
  return {
    count(kind, caller) {
      const quota = quotas[kind];
      if (!quota) return { headers: {}, isExceeded: false };
      const key = `${kind} ${caller}`;
      let window = windows.get(key);
      if (!window || window.endsAt <= now()) {
        window = { endsAt: now() + quota.windowSeconds * 1000, used: 0 };
        windows.set(key, window);
      }
      window.used += 1;
      const left = Math.max(0, quota.requests - window.used);
      const seconds = Math.max(1, Math.ceil((window.endsAt - now()) / 1000));
      return {
        headers: rateLimitHeaders(kind, left, seconds, quota),
        isExceeded: window.used > quota.requests,
      };
    },
  };
}

export function rateLimitHeaders(
  kind: RateLimitClass,
  left: number,
  seconds: number,
  quota: Quota = { requests: 500, windowSeconds: 300 },
): Record<string, string> {
  return {
    ratelimit: `"${kind}";r=${left};t=${seconds}`,
    "ratelimit-policy": `"fixed window";"${kind}";q=${quota.requests};w=${quota.windowSeconds}`,
  };
}

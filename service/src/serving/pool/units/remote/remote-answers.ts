import type { CircuitFailure } from "./circuit.ts";

/**
 * What a status says about the remote service; null: nothing is wrong with it, though perhaps with the request. Its own
 * words are left out: they may repeat the key.
 */
export function judgeStatus(status: number, retryAfter: string | undefined): CircuitFailure | null {
  const retryAfterMs = retryAfterOf(retryAfter);
  if (status === 401 || status === 403)
    return failure(`it refused the key (${status}). Store the key again`, retryAfterMs);
  if (status === 429) return failure("it takes no more requests for now (429)", retryAfterMs);
  if (status === 408 || status >= 500) return failure(`it answered ${status}`, retryAfterMs);
  if (status >= 300 && status < 400)
    return failure(`it sends requests elsewhere (${status}), and a key is not taken there. Correct the address`, null);
  return null;
}

/** Why the connection failed, in words without addresses. */
export function judgeConnection(error: unknown): CircuitFailure {
  const code = codeOf(error);
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(code))
    return failure(`its certificate is not trusted (${code})`, null);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return failure(`its name is not known (${code})`, null);
  return failure(`the connection failed (${code})`, null);
}

function codeOf(error: unknown): string {
  const { code, cause, name } = (error ?? {}) as { code?: unknown; cause?: unknown; name?: unknown };
  const inner = (cause as { code?: unknown } | undefined)?.code;
  const found = typeof inner === "string" ? inner : code;
  if (typeof found === "string") return found;
  return typeof name === "string" ? name : "unknown";
}

/** Milliseconds of a `Retry-After` in seconds or as a date; null for anything else. */
function retryAfterOf(value: string | undefined): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

function failure(reason: string, retryAfterMs: number | null): CircuitFailure {
  return { reason, retryAfterMs };
}

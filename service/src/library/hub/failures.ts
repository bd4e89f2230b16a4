import { AppError, systemCode } from "../../platform/errors.ts";
import { secondsAsked } from "./retry-policy.ts";
import type { Answer } from "./retry-policy.ts";

export interface FailureContext {
  readonly endpoint: string;
  /** The repository's name on the Hub, where the request was about one. */
  readonly repository: string | null;
  readonly hadToken: boolean;
}

const tokenHelp = "Create a token at https://huggingface.co/settings/tokens and set HF_TOKEN, or run `hf auth login`.";

/** What a refusal of the Hub means, with the next step. Codes are in `X-Error-Code`, texts in `X-Error-Message`. */
export function answerFailure(answer: Answer, { endpoint, repository, hadToken }: FailureContext): AppError {
  const { status } = answer;
  const code = answer.header("x-error-code");
  const text = answer.header("x-error-message") ?? "";
  const page = repository === null ? endpoint : `${endpoint}/${repository}`;
  const details = { status, ...(repository === null ? {} : { repository }) };
  if (code === "GatedRepo") {
    if (status === 401 || !hadToken)
      return new AppError("gated_no_token", `Accept the licence at ${page}. ${tokenHelp}`, {
        details: { ...details, url: page },
      });
    return new AppError(
      "gated_not_accepted",
      `Your account has no access yet. Ask for it at ${page}, then try again.`,
      {
        details: { ...details, url: page },
      },
    );
  }
  // The one refusal that has no code of its own; its wording is part of the Hub's contract (Python matches it too).
  if (text.startsWith("Invalid credentials") || (status === 401 && hadToken && code === null))
    return new AppError("token_invalid", `The Hub refuses the Hugging Face token. ${tokenHelp}`, { details });
  if (code === "RevisionNotFound")
    return new AppError("revision_not_found", `The repository has no such revision. See ${page}.`, { details });
  if (code === "EntryNotFound")
    return new AppError("not_found", `The repository has no such file. See ${page}.`, { details });
  if (status === 429) return rateLimited(secondsAsked(answer), hadToken);
  if (status === 407) return proxyFailure(details);
  if (repository !== null && (code === "RepoNotFound" || status === 401 || (status === 404 && isJson(answer))))
    return new AppError(
      "repo_not_found_or_private",
      `There is no repository ${repository}, or it is private.${hadToken ? " Check its name and your token's rights." : ` If it is private: ${tokenHelp}`}`,
      { details },
    );
  if (status === 401 || status === 403)
    return new AppError("forbidden", `The Hub does not give access to this. See ${page}.`, { details });
  if (status === 408 || status >= 500)
    return new AppError("hub_unreachable", `The Hub has trouble (HTTP ${status}). Try again in a moment.`, { details });
  if (status === 404 || !isJson(answer)) return notAHub(endpoint);
  return new AppError("invalid_request", `The Hub refused the request (HTTP ${status}).`, { details });
}

export function rateLimited(seconds: number | null, hadToken: boolean): AppError {
  const retryAfterSeconds = seconds ?? 60;
  const more = hadToken ? "" : " With a Hugging Face token the limit is higher.";
  return new AppError("rate_limited", `The Hub asks to wait ${Math.ceil(retryAfterSeconds)} seconds.${more}`, {
    details: { retryAfterSeconds },
  });
}

export function offline(): AppError {
  return new AppError(
    "offline",
    "Offline mode is on. Unset MLX_MANAGER_OFFLINE_MODE and HF_HUB_OFFLINE to reach the Hub.",
  );
}

export function notAHub(endpoint: string, cause?: unknown): AppError {
  return new AppError(
    "endpoint_not_a_hub",
    `${hostOf(endpoint)} does not answer like a Hugging Face Hub. Check HF_ENDPOINT, or sign in to the network first.`,
    { cause, details: { endpoint: hostOf(endpoint) } },
  );
}

export function timedOut(endpoint: string, cause?: unknown): AppError {
  return new AppError(
    "hub_unreachable",
    `${hostOf(endpoint)} did not answer in time. Check the network and try again.`,
    {
      cause,
      details: { endpoint: hostOf(endpoint) },
    },
  );
}

/** What went wrong below HTTP, told apart by system and TLS codes anywhere in the chain of causes. */
export function connectionFailure(error: unknown, endpoint: string, isProxied: boolean): AppError {
  const codes = codesOf(error);
  const details = { endpoint: hostOf(endpoint), ...(codes[0] === undefined ? {} : { reason: codes[0] }) };
  if (codes.some((code) => tlsCode.test(code)))
    return new AppError(
      "tls_failed",
      `The certificate of ${hostOf(endpoint)} is not trusted. If a company proxy inspects traffic, set SSL_CERT_FILE to its certificate.`,
      { cause: error, details },
    );
  // Through a proxy, the only connection of ours is the one to the proxy.
  if (isProxied && codes.some((code) => proxyCode.test(code))) return proxyFailure(details, error);
  return new AppError("hub_unreachable", `${hostOf(endpoint)} cannot be reached. Check the network and try again.`, {
    cause: error,
    details,
  });
}

const tlsCode =
  /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|EPROTO$)/;
const proxyCode = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|UND_ERR_ABORTED|UND_ERR_CONNECT_TIMEOUT)$/;

function proxyFailure(details: Record<string, unknown>, cause?: unknown): AppError {
  return new AppError("proxy_failed", "The proxy does not let us through. Check HTTPS_PROXY and NO_PROXY.", {
    cause,
    details,
  });
}

function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let current = error, depth = 0; current instanceof Error && depth < 6; current = current.cause, depth += 1) {
    const code = systemCode(current);
    if (code !== undefined) codes.push(code);
    if (current instanceof AggregateError) codes.push(...current.errors.flatMap(codesOf));
  }
  return codes;
}

function isJson(answer: Answer): boolean {
  return /\bjson\b/i.test(answer.header("content-type") ?? "");
}

function hostOf(endpoint: string): string {
  return new URL(endpoint).host;
}

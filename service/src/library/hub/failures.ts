import { systemClock } from "../../platform/clock.ts";
import { AppError } from "../../platform/errors.ts";
import { hostOf, proxyWantsLogin } from "./connection-failures.ts";
import { secondsAsked } from "./retry-policy.ts";
import type { Answer } from "./retry-policy.ts";

export interface FailureContext {
  readonly endpoint: string;
  /** The repository's name on the Hub, where the request was about one. */
  readonly repository: string | null;
  readonly hadToken: boolean;
  /** Milliseconds since the epoch, from which a wait is counted; left out: the machine's clock. */
  readonly now?: number;
}

/** Ends the sentences of everything that a token would help with. */
export const tokenHelp = "Create a token at https://huggingface.co/settings/tokens and store it: mlx-manager token set";

/** What a refusal of the Hub means, with the next step. Codes are in `X-Error-Code`, texts in `X-Error-Message`. */
export function answerFailure(answer: Answer, { endpoint, repository, hadToken, now }: FailureContext): AppError {
  const { status } = answer;
  const code = answer.header("x-error-code");
  const text = answer.header("x-error-message") ?? "";
  const page = repository === null ? endpoint : `${endpoint}/${repository}`;
  const details = { status, ...(repository === null ? {} : { repository }) };
  if (code === "GatedRepo") return gated(status === 401 || !hadToken, text, page, details);
  // The refusals that have no code of their own; their wording is part of the Hub's contract (Python matches it too).
  if (text.startsWith("Invalid credentials") || (status === 401 && hadToken && code === null))
    return new AppError("token_invalid", `The Hub refuses the Hugging Face token. ${tokenHelp}`, { details });
  if (text.startsWith("Access to this resource is disabled"))
    return new AppError("forbidden", `The Hub has disabled this repository. Choose another one; see ${page}.`, {
      details: { ...details, url: page },
    });
  if (code === "RevisionNotFound")
    return new AppError("revision_not_found", `The repository has no such revision. Its branches are at ${page}.`, {
      details: { ...details, url: page },
    });
  if (code === "EntryNotFound")
    return new AppError("not_found", `The repository has no such file. See ${page}.`, { details });
  if (status === 429) return rateLimited(secondsAsked(answer), hadToken, now);
  if (status === 407) return proxyWantsLogin(details);
  if (repository !== null && (code === "RepoNotFound" || status === 401 || (status === 404 && isJson(answer))))
    return new AppError(
      "repo_not_found_or_private",
      `There is no repository ${repository}, or it is private. Check its name${hadToken ? " and your token's rights." : `. If it is private: ${tokenHelp}`}`,
      { details: { ...details, url: page } },
    );
  if (status === 401 || status === 403)
    return new AppError(
      "forbidden",
      `The Hub does not give access to this. See ${page}${hadToken ? ", and check your token's rights." : `. ${tokenHelp}`}`,
      {
        details: { ...details, url: page },
      },
    );
  if (status === 408 || status >= 500)
    return new AppError("hub_unreachable", `The Hub has trouble (HTTP ${status}). Try again in a moment.`, { details });
  if (status === 404 || !isJson(answer)) return notAHub(endpoint, undefined, { status });
  return new AppError("invalid_request", `The Hub refused the request (HTTP ${status}).`, { details });
}

/** `details.url` is the page with the license. Why an account has no access yet is told by the text alone. */
function gated(isAnonymous: boolean, text: string, page: string, facts: Record<string, unknown>): AppError {
  const details = { ...facts, url: page };
  if (isAnonymous)
    return new AppError("gated_no_token", `Accept the license at ${page} first. Then: ${tokenHelp}`, { details });
  const message = /fine-grained token/i.test(text)
    ? "Your token may not read gated repositories. Allow it at https://huggingface.co/settings/tokens, then try again."
    : /awaiting/i.test(text)
      ? `Your request for access waits for the authors' answer. See ${page}, and try again then.`
      : /rejected/i.test(text)
        ? `The authors have refused you access. Choose another model; see ${page}.`
        : `Your account has no access yet. Accept the license at ${page}, then try again.`;
  return new AppError("gated_not_accepted", message, { details });
}

/** `details.until` is the time from which it is worth asking again. */
export function rateLimited(seconds: number | null, hadToken: boolean, now = systemClock.now()): AppError {
  const retryAfterSeconds = Math.ceil(seconds ?? 60);
  const until = new Date(now + retryAfterSeconds * 1000).toISOString();
  const more = hadToken ? "" : ` With a token the limit is higher. ${tokenHelp}`;
  return new AppError("rate_limited", `The Hub asks to wait ${retryAfterSeconds} seconds.${more}`, {
    details: { retryAfterSeconds, until },
  });
}

export function notAHub(endpoint: string, cause?: unknown, facts: Readonly<Record<string, unknown>> = {}): AppError {
  const host = hostOf(endpoint);
  return new AppError(
    "endpoint_not_a_hub",
    `${host} does not answer like a Hugging Face Hub. Check HF_ENDPOINT, or sign in to the network first.`,
    { cause, details: { ...facts, endpoint: host } },
  );
}

function isJson(answer: Answer): boolean {
  return /\bjson\b/i.test(answer.header("content-type") ?? "");
}

import { AppError } from "../../../platform/errors.ts";
import { readAnswerText } from "../mlx-lm/answer-errors.ts";

export interface RemoteAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** A remote service's refusal as ours: which side is to act, with its words where they help, never with the key. */
export async function readRemoteError(
  answer: RemoteAnswer,
  withoutSecrets: (text: string) => string,
): Promise<AppError> {
  const { statusCode: status } = answer;
  const said = withoutSecrets(await readAnswerText(answer.body));
  const details = { source: "engine", engineStatus: status };
  if (status === 401 || status === 403)
    return new AppError("engine_failed", `The remote service refused the key (${status}). Store it again.`, {
      details,
    });
  if (status === 429) {
    const seconds = Number(answer.headers["retry-after"]);
    const retry = Number.isFinite(seconds) && seconds >= 0 ? { retryAfterSeconds: seconds } : {};
    const text = "The remote service takes no more requests for now. Try again later.";
    return new AppError("rate_limited", text, { details: { ...details, ...retry } });
  }
  if (status >= 300 && status < 400) {
    const text = `The remote service sends requests elsewhere (${status}), which is not followed. Correct its address.`;
    return new AppError("engine_failed", text, { details });
  }
  if (status === 400 || status === 413 || status === 422)
    return new AppError("invalid_request", `The remote service refused the request: ${said}`, { details });
  return new AppError("engine_failed", `The remote service could not answer (${status}): ${said}`, { details });
}

/** Takes the values of secret headers out of a text: services repeat keys in their errors. */
export function secretsHider(headers: Readonly<Record<string, string>>): (text: string) => string {
  const secrets = Object.values(headers).map((value) => value.replace(/^Bearer /, ""));
  const known = secrets.filter((secret) => secret.length >= shortestSecret);
  return (text) => known.reduce((rest, secret) => rest.replaceAll(secret, "[key]"), text);
}

/** Shorter values are words that texts hold anyway. */
const shortestSecret = 6;

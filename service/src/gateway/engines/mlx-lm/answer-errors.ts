import { AppError } from "../../../platform/errors.ts";
import { contextOverflow } from "../../context-overflow.ts";

const longestBody = 64 * 1024;

/**
 * The engine's refusal as ours. 400 and 422 are the request's fault; 404 is the word of mlx_lm.server for everything that
 * went wrong while it prepared, a dead generation thread included, so it counts as the engine's failure. Only what begins with
 * `context overflow` is our launcher's own word and the request's fault.
 */
export async function readAnswerError(status: number, body: AsyncIterable<Uint8Array>): Promise<AppError> {
  const text = await readAnswerText(body);
  const details = { source: "engine", engineStatus: status };
  const overflow = /^context overflow: (.+)$/.exec(text);
  if (overflow) {
    const counted = /^the prompt has (\d+) tokens, the limit is (\d+)$/.exec(overflow[1] ?? "");
    if (counted) return contextOverflow(Number(counted[1]), Number(counted[2]));
    const advice = "Shorten the conversation, or raise the context of the profile.";
    return new AppError("context_overflow", `The request does not fit: ${overflow[1]}. ${advice}`, { details });
  }
  if (status === 400 || status === 422)
    return new AppError("invalid_request", `The engine refused the request: ${text}`, { details });
  return new AppError("engine_failed", `The engine could not answer: ${text}`, { details });
}

/** What an answer that is an error says, cut and without local paths. */
export async function readAnswerText(body: AsyncIterable<Uint8Array>): Promise<string> {
  return errorText(await readText(body));
}

/** Engine texts may name local folders; those stay on this machine. */
export function withoutPaths(text: string): string {
  return text.replace(/(?<![\w:/.])(?:file:\/\/)?\/(?:[^\s/'":,;()[\]<>]+\/)+([^\s/'":,;()[\]<>]*)/g, "…/$1");
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > longestBody) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

function errorText(text: string): string {
  let error: unknown = text;
  try {
    const answer = JSON.parse(text) as { error?: unknown; detail?: unknown } | null;
    error = answer?.error ?? detailOf(answer?.detail) ?? text;
  } catch {
    // Not JSON: the text itself says what there is to say.
    error = text;
  }
  const said = typeof error === "string" ? error : (error as { message?: unknown } | null)?.message;
  if (typeof said !== "string" || said.trim() === "") return "it did not say why";
  return withoutPaths(
    said
      .trim()
      .replace(/data:[\w/+.-]+;base64,[\w+/=]*/g, "data:…")
      .slice(0, 500),
  );
}

/** FastAPI's word: a text, or the fields that were wrong. */
function detailOf(detail: unknown): unknown {
  if (!Array.isArray(detail)) return detail;
  const [first] = detail as { loc?: unknown; msg?: unknown }[];
  const field = Array.isArray(first?.loc) ? first.loc.slice(1).join(".") : "";
  return `${field} ${typeof first?.msg === "string" ? first.msg : "is wrong"}`.trim();
}

import { AppError } from "../../../platform/errors.ts";

const longestBody = 64 * 1024;

/**
 * The engine's refusal as ours. 400 is the request's fault; 404 is the engine's word for everything that went wrong
 * while it prepared, a dead generation thread included, so it counts as the engine's failure. Only what begins with
 * `context overflow` is our launcher's own word and the request's fault.
 */
export async function readAnswerError(status: number, body: AsyncIterable<Uint8Array>): Promise<AppError> {
  const text = errorText(await readText(body));
  const details = { source: "engine", engineStatus: status };
  const overflow = /^context overflow: (.+)$/.exec(text);
  if (overflow) {
    const advice = "Shorten the conversation, or raise the context of the profile.";
    return new AppError("context_overflow", `The request does not fit: ${overflow[1]}. ${advice}`, { details });
  }
  if (status === 400) return new AppError("invalid_request", `The engine refused the request: ${text}`, { details });
  return new AppError("engine_failed", `The engine could not answer: ${text}`, { details });
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
    error = (JSON.parse(text) as { error?: unknown } | null)?.error ?? text;
  } catch {
    // Not JSON: the text itself says what there is to say.
    error = text;
  }
  const said = typeof error === "string" ? error : (error as { message?: unknown }).message;
  if (typeof said !== "string" || said.trim() === "") return "it did not say why";
  return withoutPaths(said.trim().slice(0, 500));
}

import { engineCapabilities } from "../contract/engine-capabilities.ts";
import type { EngineCapabilities } from "../contract/engine-capabilities.ts";
import type { EngineId } from "../contract/engines.ts";
import { AppError } from "../platform/errors.ts";
import { isForced } from "./answer-format.ts";
import type { Continuation, Intake } from "./intake.ts";

/**
 * What becomes of it for one request.
 * @throws AppError `unsupported` or `invalid_request` that names the parameter.
 */
export function continuationOf(intake: Intake, engine: EngineId): Continuation {
  const { messages, continuation, continuationParam = "messages" } = intake;
  const last = messages.at(-1);
  const isOpen = last?.role === "assistant" && last.toolCalls.length === 0 && last.text.trim() !== "";
  if (!isOpen) {
    if (continuation !== "must" || continuationParam === "messages") return "never";
    const message = `"${continuationParam}" needs a text of the assistant as the last message.`;
    throw new AppError("invalid_request", message, { details: { param: continuationParam } });
  }
  const { continuesAnswers }: EngineCapabilities = engineCapabilities[engine];
  // A grammar binds an answer from its first word, and that is written already.
  const isBound = isForced(intake) || intake.format.type !== "text";
  if (continuation === "never" || (continuesAnswers && !isBound)) return continuation;
  if (continuation === "may") return "never";
  const reason = isBound
    ? "an answer that is held to a format or a call cannot go on from a given text"
    : `${engine} cannot go on from a text of the assistant`;
  throw new AppError("unsupported", `"${continuationParam}" cannot be honoured: ${reason}.`, {
    details: { param: continuationParam },
  });
}

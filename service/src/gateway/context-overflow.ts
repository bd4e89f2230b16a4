import { AppError } from "../platform/errors.ts";

/** A prompt that fills its context; protocols have words of their own for it, made from the details. */
export function contextOverflow(promptTokens: number, contextTokens: number): AppError {
  const message = `The prompt has ${promptTokens} tokens, and the context holds ${contextTokens}.`;
  const advice = "Shorten the conversation, or choose a model or a profile with a longer context.";
  return new AppError("context_overflow", `${message} ${advice}`, { details: { promptTokens, contextTokens } });
}

import type { CompletionRequest } from "../../contract/completions.ts";
import { AppError } from "../../platform/errors.ts";
import { intakeOf } from "../intake.ts";
import type { Intake } from "../intake.ts";

/** A text to write on from, without a chat template. @throws AppError `invalid_request`, `unsupported` for its prompt. */
export function readCompletion(request: CompletionRequest): Intake {
  const prompt = promptOf(request.prompt);
  return {
    ...intakeOf({
      ...{ model: request.model ?? null, stream: request.stream === true, prompt },
      // Its length alone is asked for: how much room is left for the answer.
      messages: [{ role: "user", text: prompt, images: [] }],
    }),
    stop: typeof request.stop === "string" ? [request.stop] : (request.stop ?? []),
    maxTokens: request.max_tokens ?? undefined,
    sampling: {
      ...{ temperature: request.temperature, topP: request.top_p, topK: request.top_k, minP: request.min_p },
      ...{ presencePenalty: request.presence_penalty, frequencyPenalty: request.frequency_penalty },
      ...{ repetitionPenalty: request.repetition_penalty, seed: request.seed, logitBias: request.logit_bias },
    },
  };
}

/** Lists of prompts and lists of tokens end the engine's generation for good. */
function promptOf(given: CompletionRequest["prompt"]): string {
  const [first] = typeof given === "string" ? [given] : given;
  const details = { param: "prompt" };
  if (typeof given !== "string" && given.length > 1 && typeof first === "string") {
    throw new AppError("unsupported", '"prompt" cannot be honoured: one prompt per request is answered.', { details });
  }
  if (first !== undefined && typeof first !== "string") {
    throw new AppError("unsupported", '"prompt" cannot be honoured: it must be text, not tokens.', { details });
  }
  if (first === undefined || first === "") throw new AppError("invalid_request", '"prompt" is empty.', { details });
  return first;
}

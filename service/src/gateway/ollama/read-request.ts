import type { OllamaChatRequest, OllamaGenerateRequest, OllamaOptions } from "../../contract/ollama.ts";
import { AppError } from "../../platform/errors.ts";
import { intakeOf } from "../intake.ts";
import type { AnswerFormat, Intake } from "../intake.ts";
import type { NormalMessage, NormalTool } from "../messages.ts";
import { imageUri } from "./images.ts";
import { readMessages } from "./read-messages.ts";

/** A chat in no protocol's words. Its keys were judged by the table of parameters before. @throws AppError `invalid_request` */
export function readOllamaChat(request: OllamaChatRequest, tools: readonly NormalTool[]): Intake {
  return intakeOf({ ...readCommon(request), messages: readMessages(request.messages ?? []), tools });
}

/** A completion is a chat of one message. @throws AppError `invalid_request` */
export function readOllamaGenerate(request: OllamaGenerateRequest): Intake {
  const { prompt, system, images } = request;
  const messages: NormalMessage[] = [
    ...(system ? [{ role: "system", text: system } as const] : []),
    { role: "user", text: prompt ?? "", images: (images ?? []).map(imageUri) },
  ];
  return intakeOf({ ...readCommon(request), messages });
}

type Common = Pick<OllamaChatRequest, "model" | "stream" | "format" | "think" | "options">;

function readCommon({ model, stream, format, think, options }: Common) {
  const { stop, num_predict: most } = options ?? {};
  return {
    model: model ? model : null,
    stream: stream !== false,
    stop: typeof stop === "string" ? [stop] : (stop ?? []),
    maxTokens: typeof most === "number" && most > 0 ? most : undefined,
    sampling: samplingOf(options ?? {}),
    thinking: typeof think === "boolean" ? think : undefined,
    effort: typeof think === "string" && think !== "" ? think : undefined,
    format: formatOf(format),
  };
}

function samplingOf(options: OllamaOptions): Intake["sampling"] {
  const { top_k: topK, seed } = options;
  return {
    ...{ temperature: options.temperature, topP: options.top_p, minP: options.min_p },
    ...{ presencePenalty: options.presence_penalty, frequencyPenalty: options.frequency_penalty },
    repetitionPenalty: options.repeat_penalty,
    topK: typeof topK === "number" ? Math.max(0, topK) : undefined,
    // Ollama's way to say: another one each time.
    seed: typeof seed === "number" && seed >= 0 ? seed : undefined,
  };
}

function formatOf(format: OllamaChatRequest["format"]): AnswerFormat {
  if (format === null || format === undefined || format === "") return { type: "text" };
  if (format === "json") return { type: "json-object" };
  if (typeof format === "object") return { type: "json-schema", name: "answer", schema: format };
  throw new AppError("invalid_request", '"format" must be "json" or a JSON schema.', { details: { param: "format" } });
}

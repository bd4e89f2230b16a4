import type { ChatMessage, ChatRequest, ChatTool } from "../../contract/openai.ts";
import { AppError } from "../../platform/errors.ts";
import { imageAddress } from "../images.ts";
import type { AnswerFormat, Intake, ToolChoice } from "../intake.ts";
import { objectText } from "../messages.ts";
import type { NormalMessage, NormalTool } from "../messages.ts";

/**
 * A chat request in no protocol's words. Its keys were judged by the table of parameters before.
 * @throws AppError `unsupported` for an image that is neither a data URI nor an address of the web.
 */
export function readChat(request: ChatRequest): Intake {
  const stop = typeof request.stop === "string" ? [request.stop] : (request.stop ?? []);
  return {
    model: request.model ?? null,
    stream: request.stream === true,
    messages: request.messages.map(readMessage),
    tools: (request.tools ?? []).map(readTool),
    toolChoice: choiceOf(request.tool_choice),
    parallelToolCalls: request.parallel_tool_calls ?? true,
    stop,
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
    sampling: {
      ...{ temperature: request.temperature, topP: request.top_p, topK: request.top_k, minP: request.min_p },
      ...{ presencePenalty: request.presence_penalty, frequencyPenalty: request.frequency_penalty },
      ...{ repetitionPenalty: request.repetition_penalty, seed: request.seed, logitBias: request.logit_bias },
    },
    topLogprobs: topLogprobsOf(request),
    thinking: request.enable_thinking ?? undefined,
    effort: request.reasoning_effort ?? undefined,
    template: request.chat_template_kwargs ?? {},
    format: formatOf(request.response_format),
    ...continuationOf(request),
  };
}

/** @throws AppError `invalid_request` for likely tokens where no token is asked for. */
function topLogprobsOf({ logprobs, top_logprobs: top }: ChatRequest): number | undefined {
  if (logprobs === true) return top ?? 0;
  if (!top) return undefined;
  const message = '"top_logprobs" needs "logprobs" to be true.';
  throw new AppError("invalid_request", message, { details: { param: "top_logprobs" } });
}

/** In vLLM's words, which say the same twice. @throws AppError `invalid_request` where they contradict each other. */
function continuationOf(request: ChatRequest): Pick<Intake, "continuation" | "continuationParam"> {
  const { continue_final_message: isAsked, add_generation_prompt: isNewTurn } = request;
  if (isAsked === true && isNewTurn === true) {
    const message = '"continue_final_message" and "add_generation_prompt" contradict each other; send one of them.';
    throw new AppError("invalid_request", message, { details: { param: "continue_final_message" } });
  }
  if (isAsked === true) return { continuation: "must", continuationParam: "continue_final_message" };
  return { continuation: isAsked === false || isNewTurn === true ? "never" : "may" };
}

function choiceOf(choice: ChatRequest["tool_choice"]): ToolChoice {
  return typeof choice === "object" && choice !== null ? { name: choice.function.name } : (choice ?? "auto");
}

/** @throws AppError `invalid_request` for a form that is none of OpenAI's. */
function formatOf(format: ChatRequest["response_format"]): AnswerFormat {
  if (format === null || format === undefined || format.type === "text") return { type: "text" };
  if (format.type === "json_object") return { type: "json-object" };
  const given = format["json_schema"] as { name?: unknown; schema?: unknown } | undefined;
  const schema = given?.schema;
  if (format.type === "json_schema" && typeof schema === "object" && schema !== null && !Array.isArray(schema)) {
    const name = typeof given?.name === "string" ? given.name : "answer";
    return { type: "json-schema", name, schema: schema as Record<string, unknown> };
  }
  const message = '"response_format" must be of the type text, json_object, or json_schema with a schema.';
  throw new AppError("invalid_request", message, { details: { param: "response_format" } });
}

function readTool({ function: { name, description, parameters } }: ChatTool): NormalTool {
  return {
    name,
    description: description ?? null,
    parameters: parameters ?? { type: "object", properties: {} },
  };
}

function readMessage(message: ChatMessage): NormalMessage {
  switch (message.role) {
    case "system":
    case "developer":
      return { role: "system", text: textAlone(message.content) };
    case "user": {
      const sounds = soundsOf(message.content);
      const shown = { text: textOf(message.content), images: imagesOf(message.content) };
      return { role: "user", ...shown, ...(sounds.length === 0 ? {} : { sounds }) };
    }
    case "assistant":
      return {
        role: "assistant",
        text: textAlone(message.content),
        reasoning: message.reasoning_content ?? message.reasoning ?? null,
        toolCalls: (message.tool_calls ?? []).map(({ id, function: call }) => ({
          id,
          name: call.name,
          arguments: objectText(call.arguments),
        })),
      };
    case "tool":
      return { role: "tool", callId: message.tool_call_id, text: textAlone(message.content) };
  }
}

type Content = Extract<ChatMessage, { role: "user" }>["content"] | null | undefined;

function textOf(content: Content): string {
  if (typeof content === "string") return content;
  const texts = (content ?? []).map((part) => {
    if (part.type === "text") return part.text;
    return part.type === "refusal" ? part.refusal : null;
  });
  return texts.filter((text) => text !== null).join("\n");
}

/** An image or a sound where none can be is refused: dropping it would answer another question. */
function textAlone(content: Content): string {
  if (imagesOf(content).length === 0 && soundsOf(content).length === 0) return textOf(content);
  const message = "Images and sounds are read from user messages only.";
  throw new AppError("unsupported", message, { details: { param: "messages" } });
}

function imagesOf(content: Content): string[] {
  const images: string[] = [];
  for (const part of typeof content === "string" ? [] : (content ?? [])) {
    if (part.type !== "image_url") continue;
    const address = typeof part.image_url === "string" ? part.image_url : part.image_url.url;
    images.push(imageAddress(address, "messages"));
  }
  return images;
}

/** Whether they are what they say is looked at later; see `images/settle-images.ts`. */
function soundsOf(content: Content): string[] {
  if (typeof content === "string") return [];
  return (content ?? []).flatMap((part) => {
    if (part.type !== "input_audio") return [];
    const { data, format } = part.input_audio;
    return data.startsWith("data:") ? [data] : [`data:audio/${format ?? "wav"};base64,${data}`];
  });
}

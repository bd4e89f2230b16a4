import type { Capability } from "../../../contract/hub.ts";

export interface CapabilitySignals {
  readonly config: Readonly<Record<string, unknown>> | null;
  readonly tags: readonly string[];
  readonly pipelineTag: string | null;
  readonly chatTemplate: string | null;
  /** Whether the vocabulary holds a token with this text; null where the vocabulary is not known. */
  readonly hasToken: ((token: string) => boolean) | null;
  readonly files: readonly string[];
}

/** What a chat template contains when the engine can read tool calls back out of the model's answer. */
const toolMarks: readonly (readonly string[])[] = [
  ["<minimax:tool_call>"],
  ["<|tool_call>", "<tool_call|>"],
  ["<start_function_call>"],
  ["<longcat_tool_call>"],
  ["<arg_key>"],
  ["<|tool_list_start|>"],
  ["<|tool_call_start|>"],
  ["<tool_call>\\n<function="],
  ["<tool_call>\n<function="],
  ["<|tool_calls_section_begin|>"],
  ['<function name="', '<param name="'],
  ["[TOOL_CALLS]"],
  ["<atem:function_calls>"],
  ["<tool_call>", "tool_call.name"],
];

/** The same for vocabularies: some models have the tokens without naming them in the template. */
const toolTokens = [
  ["<|tool_call_start|>", "<|tool_call_end|>"],
  ["<|open|>", "<|close|>", "<|sep|>", "<|end_of_msg|>"],
];

const thinkingTokens = [
  ["<think>", "</think>"],
  ["<longcat_think>", "</longcat_think>"],
  ["<|think:start|>", "<|think:end|>"],
  ["<|channel>", "<channel|>"],
  ["<|open|>", "<|close|>", "<|sep|>", "<|end_of_msg|>"],
];

/** Capabilities as far as files and metadata tell, in the contract's order. */
export function capabilitiesOf(signals: CapabilitySignals): Capability[] {
  const rules: Record<Capability, boolean> = {
    chat: signals.chatTemplate !== null || signals.tags.includes("conversational"),
    vision: isVision(signals),
    audio: isAudio(signals),
    tools: hasTools(signals),
    thinking: thinks(signals),
    embeddings: isEmbedding(signals),
  };
  return (Object.keys(rules) as Capability[]).filter((capability) => rules[capability]);
}

function isVision(signals: CapabilitySignals): boolean {
  const { config, pipelineTag, files } = signals;
  return (
    isObject(config?.["vision_config"]) ||
    pipelineTag === "image-text-to-text" ||
    // Models that hear have one too.
    (files.includes("preprocessor_config.json") && !isAudio(signals))
  );
}

function isAudio({ config, tags, pipelineTag }: CapabilitySignals): boolean {
  const names = pipelineTag === null ? tags : [...tags, pipelineTag];
  return (
    isObject(config?.["audio_config"]) ||
    // Made for sound alone, it has no part of its own for it.
    config?.["model_type"] === "whisper" ||
    names.some(
      (name) => name === "automatic-speech-recognition" || name === "text-to-speech" || name.startsWith("audio-"),
    )
  );
}

function hasTools({ chatTemplate, hasToken }: CapabilitySignals): boolean {
  if (chatTemplate === null) return false;
  if (toolMarks.some((marks) => marks.every((mark) => chatTemplate.includes(mark)))) return true;
  return hasToken !== null && toolTokens.some((tokens) => tokens.every(hasToken));
}

function thinks({ hasToken, chatTemplate }: CapabilitySignals): boolean {
  const has = hasToken ?? ((token: string) => chatTemplate?.includes(token) ?? false);
  return thinkingTokens.some((tokens) => tokens.every(has));
}

function isEmbedding({ pipelineTag, tags, files }: CapabilitySignals): boolean {
  return (
    pipelineTag === "feature-extraction" ||
    pipelineTag === "sentence-similarity" ||
    tags.includes("sentence-transformers") ||
    files.includes("1_Pooling/config.json") ||
    files.includes("config_sentence_transformers.json")
  );
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

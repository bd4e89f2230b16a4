import type { Capability } from "../../contract/hub.ts";

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
  ["<tool_call>\\n<function="],
  ["<tool_call>\n<function="],
  ["<|tool_calls_section_begin|>"],
  ["[TOOL_CALLS]"],
  ["<tool_call>", "tool_call.name"],
];

const thinkingTokens = [["<think>", "</think>"], ["<longcat_think>"], ["<|channel>", "<channel|>"]] as const;

/** Capabilities as far as files and metadata tell, in the contract's order. */
export function capabilitiesOf(signals: CapabilitySignals): Capability[] {
  const rules: Record<Capability, boolean> = {
    chat: signals.chatTemplate !== null || signals.tags.includes("conversational"),
    vision: isVision(signals),
    audio: isAudio(signals),
    tools: hasTools(signals.chatTemplate),
    thinking: thinks(signals),
    embeddings: isEmbedding(signals),
  };
  return (Object.keys(rules) as Capability[]).filter((capability) => rules[capability]);
}

function isVision({ config, pipelineTag, files }: CapabilitySignals): boolean {
  return (
    isObject(config?.["vision_config"]) ||
    pipelineTag === "image-text-to-text" ||
    files.includes("preprocessor_config.json")
  );
}

function isAudio({ config, tags, pipelineTag }: CapabilitySignals): boolean {
  const names = pipelineTag === null ? tags : [...tags, pipelineTag];
  return (
    isObject(config?.["audio_config"]) ||
    names.some(
      (name) => name === "automatic-speech-recognition" || name === "text-to-speech" || name.startsWith("audio-"),
    )
  );
}

function hasTools(template: string | null): boolean {
  return template !== null && toolMarks.some((marks) => marks.every((mark) => template.includes(mark)));
}

function thinks({ hasToken, chatTemplate }: CapabilitySignals): boolean {
  const has = hasToken ?? ((token: string) => chatTemplate?.includes(token) ?? false);
  return thinkingTokens.some((tokens) => tokens.every(has));
}

function isEmbedding({ pipelineTag, files }: CapabilitySignals): boolean {
  return (
    pipelineTag === "feature-extraction" ||
    pipelineTag === "sentence-similarity" ||
    files.includes("1_Pooling/config.json")
  );
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

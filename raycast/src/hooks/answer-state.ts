import type { ChatPart } from "../api/chat.ts";

/** `stopped` by the user; `failed` keeps the text that came before. */
export type AnswerPhase = "waiting" | "thinking" | "writing" | "done" | "stopped" | "failed";

export interface AnswerState {
  phase: AnswerPhase;
  /** What the service does before the first word. */
  progress: { phase: string; done: number | undefined; total: number | undefined } | undefined;
  /** The model that answers, once it said so. */
  model: string | undefined;
  thinking: string;
  text: string;
  tokens: number | undefined;
  /** Milliseconds of the first word and of the newest. */
  firstWordAt: number | undefined;
  lastWordAt: number | undefined;
  finishReason: string | undefined;
  error: unknown;
}

export const NEW_ANSWER: AnswerState = {
  phase: "waiting",
  progress: undefined,
  model: undefined,
  thinking: "",
  text: "",
  tokens: undefined,
  firstWordAt: undefined,
  lastWordAt: undefined,
  finishReason: undefined,
  error: undefined,
};

/** The answer after one part; `now` in milliseconds. */
export function applyPart(answer: AnswerState, part: ChatPart, now: number): AnswerState {
  switch (part.type) {
    case "progress":
      return { ...answer, progress: { phase: part.phase, done: part.done, total: part.total } };
    case "model":
      return answer.model === part.model ? answer : { ...answer, model: part.model };
    case "thinking":
      return { ...answer, ...written(answer, now), phase: "thinking", thinking: answer.thinking + part.text };
    case "text":
      return { ...answer, ...written(answer, now), phase: "writing", text: answer.text + part.text };
    case "usage":
      return { ...answer, tokens: part.tokens };
    case "finish":
      return { ...answer, finishReason: part.reason };
  }
}

export function isOver({ phase }: AnswerState): boolean {
  return phase === "done" || phase === "stopped" || phase === "failed";
}

/** Tokens a second from the first word to the last; undefined for an answer too short to tell. */
export function tokensPerSecond({ tokens, firstWordAt, lastWordAt }: AnswerState): number | undefined {
  if (tokens === undefined || tokens < 2 || firstWordAt === undefined || lastWordAt === undefined) return undefined;
  const seconds = (lastWordAt - firstWordAt) / 1000;
  // The first token took the prefill's time, not a step of writing.
  return seconds > 0 ? (tokens - 1) / seconds : undefined;
}

function written({ firstWordAt }: AnswerState, now: number) {
  return { progress: undefined, firstWordAt: firstWordAt ?? now, lastWordAt: now };
}

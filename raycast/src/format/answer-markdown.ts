import type { AnswerState } from "../hooks/answer-state.ts";
import { errorText } from "../api/errors.ts";
import { closeFence } from "./fence.ts";
import { formatPercent } from "./percent.ts";

interface Options {
  question: string;
  isThinkingShown: boolean;
}

/** The answer as the view shows it: the question, the thinking apart when asked for, the text with its open fence closed. */
export function answerMarkdown(answer: AnswerState, { question, isThinkingShown }: Options): string {
  const { text, thinking, phase, error } = answer;
  const parts = [
    quoted(question),
    thinking !== "" && isThinkingShown ? `**Thinking**\n\n${quoted(thinking.trim())}` : undefined,
    text === "" ? emptyText(answer) : closeFence(text.trimStart()),
    phase === "failed" ? `**The answer ended with an error:** ${errorText(error)}` : undefined,
    phase === "stopped" ? "*Stopped.*" : undefined,
  ];
  return parts.filter((part) => part !== undefined).join("\n\n");
}

/** What is going on before the first word. */
export function progressText({ progress }: Pick<AnswerState, "progress">): string {
  if (progress === undefined) return "Waiting";
  const percent = formatPercent(progress.done, progress.total);
  return [WORDS[progress.phase] ?? progress.phase, percent].filter((word) => word !== "").join(" ");
}

const WORDS: Record<string, string> = {
  queued: "Waiting for Its Turn",
  loading: "Loading Model",
  prefill: "Reading Question",
};

function emptyText(answer: AnswerState): string | undefined {
  if (answer.phase === "waiting") return `*${progressText(answer)}…*`;
  if (answer.phase === "thinking") return "*Thinking…*";
  return answer.phase === "done" ? "*The answer is empty.*" : undefined;
}

function quoted(text: string): string {
  return text
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}

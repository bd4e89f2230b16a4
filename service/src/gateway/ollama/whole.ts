import { textOfKind } from "../collect-answer.ts";
import type { WholeAnswer } from "../collect-answer.ts";
import { objectText } from "../messages.ts";
import { doneReasons } from "./answer-shapes.ts";
import type { AnswerShape } from "./answer-shapes.ts";
import type { AnswerCounts } from "./stopwatch.ts";

interface Identity {
  /** The name as the client wrote it. */
  readonly model: string;
  readonly createdAt: string;
  readonly shape: AnswerShape;
  readonly counts: AnswerCounts;
}

/** A whole answer as one object: what the lines of a stream say together. */
export function wholeOllamaAnswer(answer: WholeAnswer, { model, createdAt, shape, counts }: Identity) {
  const calls = answer.blocks.flatMap(({ kind, name, text }) =>
    kind === "tool-call" ? [{ name, arguments: objectText(text) }] : [],
  );
  return {
    ...{ model, created_at: createdAt },
    ...shape({ text: textOfKind(answer, "text"), thinking: textOfKind(answer, "reasoning"), calls }),
    ...{ done: true, done_reason: doneReasons[answer.finish], ...counts },
  };
}

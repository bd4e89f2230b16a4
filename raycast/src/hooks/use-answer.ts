import { useCallback, useEffect, useRef, useState } from "react";
import { streamChat } from "../api/chat.ts";
import type { ChatQuestion } from "../api/chat.ts";
import type { Connection } from "../api/connection.ts";
import { ApiError, isAbort } from "../api/errors.ts";
import { applyPart, NEW_ANSWER } from "./answer-state.ts";
import type { AnswerState } from "./answer-state.ts";
import { createFlushTimer } from "./flush-timer.ts";

/** 12.5 renders a second. */
export const ANSWER_FLUSH_MS = 80;

export interface AnswerHandle {
  answer: AnswerState;
  /** Stops the generation; what was written stays. */
  stop(): void;
}

/**
 * Asks once, when mounted; leaving aborts, which stops the generation in the service. Another question is another mount: a
 * connection that changes in the middle must not ask twice. Every
 * word goes into a ref and reaches the screen at the next flush, at the latest with the end, the abort or the error.
 */
export function useAnswer(connection: Connection, { question, model }: ChatQuestion): AnswerHandle {
  const [answer, setAnswer] = useState(NEW_ANSWER);
  const stopper = useRef<() => void>(undefined);
  const asked = useRef({ connection, question: { question, model } });

  useEffect(() => {
    const controller = new AbortController();
    const current = { answer: NEW_ANSWER, left: false };
    const timer = createFlushTimer(() => setAnswer(current.answer), ANSWER_FLUSH_MS);
    const end = (change: Partial<AnswerState>) => {
      if (current.left) return;
      current.answer = { ...current.answer, progress: undefined, ...change };
      timer.now();
    };
    stopper.current = () => controller.abort();
    timer.now();
    void readAnswer(streamChat(asked.current.connection, asked.current.question, controller.signal), (part) => {
      current.answer = applyPart(current.answer, part, performance.now());
      timer.request();
    }).then(
      () => end(current.answer.finishReason === undefined ? brokenOff() : { phase: "done" }),
      (error: unknown) => end(isAbort(error) ? { phase: "stopped" } : { phase: "failed", error }),
    );
    return () => {
      current.left = true;
      timer.cancel();
      controller.abort();
    };
  }, []);

  const stop = useCallback(() => stopper.current?.(), []);
  return { answer, stop };
}

async function readAnswer<Part>(parts: AsyncIterable<Part>, use: (part: Part) => void): Promise<void> {
  for await (const part of parts) use(part);
}

function brokenOff(): Partial<AnswerState> {
  const error = new ApiError("network", "The answer broke off. Ask again.", { code: "closed" });
  return { phase: "failed", error };
}

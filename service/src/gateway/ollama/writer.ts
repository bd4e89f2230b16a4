import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { AppError } from "../../platform/errors.ts";
import { fromErrorPart } from "../failures.ts";
import { objectText } from "../messages.ts";
import type { FinishReason, Part } from "../parts.ts";
import type { StreamWriter } from "../stream-writer.ts";
import { doneReasons } from "./answer-shapes.ts";
import type { AnswerShape, Said, SaidCall } from "./answer-shapes.ts";
import { ollamaErrorBody } from "./errors.ts";
import type { AnswerCounts } from "./stopwatch.ts";

export interface LineWriterOptions {
  /** The name as the client wrote it. */
  readonly model: string;
  readonly shape: AnswerShape;
  readonly clock: Clock;
  readonly counts: () => AnswerCounts;
  /** Said in place of the answer's own reason. */
  readonly doneReason?: "load" | "unload";
}

/**
 * Writes parts as Ollama's lines. Tool calls go out whole and together, right before the last line. Waiting is told by a
 * space: JSON allows it before the next line's object, while an empty line ends the official Python client with a
 * decoding error and makes the JavaScript one complain aloud.
 */
export function createLineWriter({ model, shape, clock, counts, doneReason }: LineWriterOptions): StreamWriter {
  const calls = new Map<number, { name: string; arguments: string }>();
  const thoughts = new Set<number>();

  const line = (said: Said, rest: Readonly<Record<string, unknown>> = { done: false }): string =>
    `${JSON.stringify({ model, created_at: timestamp(clock), ...shape(said), ...rest })}\n`;
  const start = ({ index, kind, name = "" }: Extract<Part, { type: "block-start" }>): void => {
    if (kind === "reasoning") thoughts.add(index);
    if (kind === "tool-call") calls.set(index, { name, arguments: "" });
  };
  const delta = (index: number, text: string): string => {
    const call = calls.get(index);
    if (call === undefined) return text === "" ? "" : line(thoughts.has(index) ? { thinking: text } : { text });
    call.arguments += text;
    return "";
  };
  const finish = (reason: FinishReason): string => {
    const all: SaidCall[] = [...calls.values()].map(({ name, arguments: text }) => ({
      name,
      arguments: objectText(text),
    }));
    const last = line({}, { done: true, done_reason: doneReason ?? doneReasons[reason], ...counts() });
    return all.length === 0 ? last : line({ calls: all }) + last;
  };
  // One line that is both: some clients look for an error, others wait for the end alone.
  const failed = (error: AppError): string => line({}, { ...ollamaErrorBody(error), done: true, done_reason: "error" });
  const write = (part: Part): string => {
    switch (part.type) {
      case "block-start":
        start(part);
        return "";
      case "block-delta":
        return delta(part.index, part.text);
      case "block-end": {
        const call = calls.get(part.index);
        if (call && part.arguments !== undefined) call.arguments = part.arguments;
        return "";
      }
      case "finish":
        return finish(part.reason);
      case "error":
        return failed(fromErrorPart(part));
      case "start":
      case "progress":
      case "usage":
        return "";
    }
  };
  return {
    contentType: "application/x-ndjson",
    heartbeat: " ",
    write: (parts) => {
      let text = "";
      for (const part of parts) text += write(part);
      return text;
    },
    error: failed,
  };
}

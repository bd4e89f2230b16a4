import type { ChatPart } from "../api/stream-chat.ts";
import { visible } from "../format/visible.ts";
import type { Terminal } from "../terminal.ts";

export interface AnswerPrinter {
  print(part: ChatPart): void;
  /** Ends the last line. */
  end(): void;
}

/**
 * The answer goes to standard output alone. Thinking is dim and apart from it: above it on a terminal, on standard
 * error where the answer goes into a pipe.
 */
export function createAnswerPrinter(terminal: Terminal): AnswerPrinter {
  const isTerminal = terminal.columns !== null;
  let isThinking = false;
  let lastWritten = "\n";
  // A model must not be able to steer the terminal.
  const think = (text: string): void => {
    if (isTerminal) terminal.write(terminal.styles.dim(visible(text)));
    else {
      terminal.status("");
      terminal.errorOutput.write(terminal.errorStyles.dim(visible(text)));
    }
  };
  const endThinking = (): void => {
    if (!isThinking) return;
    isThinking = false;
    if (isTerminal) terminal.write("\n\n");
    else terminal.errorOutput.write("\n");
  };
  return {
    print(part) {
      if (part.type === "phase") return terminal.status(phaseText(part.text));
      if (part.type === "thinking") {
        isThinking = true;
        think(part.text);
      } else if (part.type === "text") {
        endThinking();
        terminal.write(isTerminal ? visible(part.text) : part.text);
        lastWritten = part.text;
      } else if (part.reason === "length") {
        endThinking();
        if (!lastWritten.endsWith("\n")) terminal.write("\n");
        lastWritten = "\n";
        terminal.note("(cut off: the limit of tokens was reached)");
      }
    },
    end() {
      endThinking();
      terminal.status("");
      if (!lastWritten.endsWith("\n")) terminal.write("\n");
      lastWritten = "\n";
    },
  };
}

const phases: Readonly<Record<string, string>> = {
  queued: "waiting for a place",
  loading: "loading the model",
  prefill: "reading the prompt",
  waiting: "waiting for the first token",
};

function phaseText(comment: string): string {
  const [phase = "", amount] = comment.split(" ");
  const known = amount === undefined || amount.endsWith("/?") ? "" : ` (${amount})`;
  return `${phases[phase] ?? phase}${known} …`;
}

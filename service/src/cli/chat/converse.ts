import { streamChat } from "../api/stream-chat.ts";
import type { ChatInput } from "../api/stream-chat.ts";
import { CommandError } from "../command-error.ts";
import type { Runtime } from "../runtime.ts";
import { createAnswerPrinter } from "./answer-printer.ts";
import { askLine } from "./ask-line.ts";
import { readHistory, writeHistory } from "./history.ts";

const help = `Type a message and press Enter.
  /clear   forget this conversation
  /help    show this
  /bye     leave (also Ctrl-D, or Ctrl-C twice)
Ctrl-C stops an answer.`;

/** A conversation at the terminal until the person leaves. A failed answer is told and the conversation goes on. */
export async function converse(runtime: Runtime, settings: ChatInput): Promise<void> {
  const { terminal } = runtime;
  const opening = settings.messages;
  let messages = [...opening];
  let history: readonly string[] = readHistory(runtime.home());
  // A second Ctrl-C in a row leaves, whether the first stopped an answer or came at the prompt.
  let isLeaving = false;
  terminal.note(terminal.errorStyles.dim(`Chat with ${settings.model}. /help shows what can be done, /bye leaves.`));
  for (;;) {
    const asked = await askLine(terminal, ">>> ", history);
    if (asked.type === "end") {
      terminal.write("\n");
      return;
    }
    if (asked.type === "interrupt") {
      if (isLeaving) return;
      isLeaving = true;
      terminal.note("(Ctrl-C again or /bye leaves)");
      continue;
    }
    isLeaving = false;
    history = asked.history;
    const text = asked.text.trim();
    if (text === "") continue;
    writeHistory(runtime.home(), history);
    if (text === "/bye" || text === "/exit") return;
    if (text === "/help" || text === "/?") terminal.line(help);
    else if (text === "/clear") {
      messages = [...opening];
      terminal.note("The conversation is forgotten.");
    } else if (/^\/[a-z]+$/.test(text)) terminal.note(`${text} is not known. /help shows what can be done.`);
    else {
      const question = { role: "user" as const, content: text };
      const answered = await answerShown(runtime, { ...settings, messages: [...messages, question] });
      isLeaving = answered.wasStopped;
      if (answered.hasLeft) return;
      // What was said of a stopped answer stays: the next question may speak of it.
      if (answered.text !== "") messages.push(question, { role: "assistant", content: answered.text });
    }
  }
}

/** Streams one answer to the terminal; Ctrl-C stops it, a second one leaves. */
async function answerShown(
  { terminal, interrupts, client }: Runtime,
  input: ChatInput,
): Promise<{ text: string; wasStopped: boolean; hasLeft: boolean }> {
  const stop = new AbortController();
  let hasLeft = false;
  const release = interrupts.listen(() => {
    hasLeft = stop.signal.aborted;
    stop.abort();
  });
  const printer = createAnswerPrinter(terminal);
  let text = "";
  try {
    for await (const part of streamChat(client(), input, stop.signal)) {
      if (part.type === "text") text += part.text;
      printer.print(part);
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    printer.end();
    terminal.note(terminal.errorStyles.red(`Error: ${error.message}`));
  } finally {
    release();
    printer.end();
  }
  if (stop.signal.aborted) terminal.note("(stopped)");
  return { text, wasStopped: stop.signal.aborted, hasLeft };
}

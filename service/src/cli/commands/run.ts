import type { Command } from "commander";
import { modelIdPattern } from "../../contract/common.ts";
import { streamChat } from "../api/stream-chat.ts";
import type { ChatInput } from "../api/stream-chat.ts";
import { createAnswerPrinter } from "../chat/answer-printer.ts";
import { converse } from "../chat/converse.ts";
import { CommandError, interruptedError, usageError } from "../command-error.ts";
import { numberBetween, wholeNumber } from "../option-values.ts";
import { readAll } from "../read-input.ts";
import type { Runtime } from "../runtime.ts";

interface RunOptions {
  readonly system?: string;
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly think?: boolean;
}

export function addRun(program: Command, runtime: Runtime): void {
  program
    .command("run")
    .description("chat with a model that is here; without a prompt as a conversation")
    .argument("<model>", "a model, a profile or an alias")
    .argument("[prompt...]", "what to ask; left out, standard input or a conversation")
    .option("--system <text>", "system prompt")
    .option("--temperature <number>", "0 to 2", numberBetween(0, 2))
    .option("--max-tokens <number>", "longest answer", wholeNumber(1))
    .option("--think", "let the model think first")
    .option("--no-think", "ask the model not to think")
    .action((model: string, words: string[], options: RunOptions) =>
      withAdvice(model, () => run(runtime, model, words.join(" "), options)),
    );
}

async function run(runtime: Runtime, model: string, words: string, options: RunOptions): Promise<void> {
  const { terminal, client, isJson } = runtime;
  const { system, temperature, maxTokens, think } = options;
  const input: ChatInput = {
    ...{ model, temperature, max_tokens: maxTokens, enable_thinking: think },
    messages: system === undefined ? [] : [{ role: "system", content: system }],
  };
  const isConversation = words === "" && terminal.input.isTTY === true;
  if (isConversation && (isJson() || terminal.columns === null)) {
    throw usageError("Give a prompt: a conversation needs a terminal and no --json.");
  }
  if (isConversation) {
    // Asked first, so that a wrong name is told before the first question is typed.
    await client().call("getOpenAIModel", { params: { model } });
    return converse(runtime, input);
  }
  const prompt = words === "" ? (await readAll(terminal.input)).trim() : words;
  if (prompt === "") throw usageError("The prompt is empty. Give one, or pipe one in.");
  const asked = { ...input, messages: [...input.messages, { role: "user" as const, content: prompt }] };
  if (isJson()) return terminal.json(await client().call("createChatCompletion", { body: asked }));
  await answerOnce(runtime, asked);
}

async function answerOnce({ terminal, interrupts, client }: Runtime, input: ChatInput): Promise<void> {
  const stop = new AbortController();
  const release = interrupts.listen(() => stop.abort());
  const printer = createAnswerPrinter(terminal);
  try {
    for await (const part of streamChat(client(), input, stop.signal)) printer.print(part);
  } finally {
    release();
    printer.end();
  }
  if (stop.signal.aborted) throw interruptedError("(stopped)");
}

/** `run` never downloads by itself: gigabytes are a decision. */
async function withAdvice(model: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof CommandError) || error.code !== "model_not_found") throw error;
    const [id = model] = model.split("@");
    const message = modelIdPattern.test(id)
      ? `${model} is not here. Download it first: mlx-manager pull ${model}`
      : `No model, profile or alias is called "${model}". See what is here: mlx-manager ls`;
    throw new CommandError("model_not_found", message, { cause: error });
  }
}

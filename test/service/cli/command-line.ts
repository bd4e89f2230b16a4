import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { createProgram } from "../../../service/src/cli/index.ts";
import type { ServeRequest } from "../../../service/src/cli/index.ts";

export interface CommandLineOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What is piped in; nothing by default. */
  readonly input?: string;
  readonly serve?: (request: ServeRequest) => Promise<number>;
}

export interface CommandLineResult {
  readonly code: number;
  readonly output: string;
  readonly errorOutput: string;
  /** Standard output as JSON. */
  json<Body>(): Body;
}

/** Runs one command line in this process, with pipes for streams. */
export async function runCommandLine(
  words: readonly string[],
  { environment, input = "", serve = () => Promise.resolve(0) }: CommandLineOptions,
): Promise<CommandLineResult> {
  const streams = { input: new PassThrough(), output: new PassThrough(), errorOutput: new PassThrough() };
  streams.input.end(input);
  const output = collect(streams.output);
  const errorOutput = collect(streams.errorOutput);
  const code = await createProgram({ environment, version: "0.0.0-test", serve, demoQuestions, streams }).run(words);
  return { code, output: output(), errorOutput: errorOutput(), json: () => JSON.parse(output()) as never };
}

export const demoQuestions = fileURLToPath(new URL("../../../service/demo-model/questions.json", import.meta.url));

/** A person's terminal: what is typed goes in, what is shown is kept, and may be waited for. */
export function createFakeTerminal(columns = 80) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns });
  let shown = "";
  let seen = 0;
  const waiting = new Set<() => void>();
  output.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
    for (const look of waiting) look();
  });
  return {
    streams: { input, output, errorOutput: output },
    shown: () => shown,
    type: (text: string) => void input.write(text),
    /** Waits until the text was shown anew since the last wait. */
    async until(text: string): Promise<void> {
      await new Promise<void>((resolve) => {
        const look = () => {
          const at = shown.indexOf(text, seen);
          if (at === -1) return;
          seen = at + text.length;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
  };
}

function collect(stream: PassThrough): () => string {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => void chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

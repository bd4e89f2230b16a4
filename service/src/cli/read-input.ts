import type { InputStream, Terminal } from "./terminal.ts";
import { interruptedError } from "./command-error.ts";

/** All of a piped standard input. */
export async function readAll(input: InputStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk as Uint8Array | string));
  return Buffer.concat(chunks).toString("utf8");
}

/** Asks a question that `y` or `yes` affirms. Only where a person sits at the terminal. */
export async function confirm(terminal: Terminal, question: string): Promise<boolean> {
  terminal.errorOutput.write(`${question} [y/N] `);
  return /^y(es)?$/i.test((await readTypedLine(terminal, { isSecret: false })).trim());
}

/** Reads a line that is not shown while it is typed. */
export async function readSecret(terminal: Terminal, prompt: string): Promise<string> {
  terminal.errorOutput.write(prompt);
  return readTypedLine(terminal, { isSecret: true });
}

/** Raw mode, so that nothing is echoed by the terminal itself; Ctrl-C then is a letter and ends the reading. */
function readTypedLine(terminal: Terminal, { isSecret }: { isSecret: boolean }): Promise<string> {
  const { input, errorOutput } = terminal;
  return new Promise((resolve, reject) => {
    let line = "";
    const finish = (): void => {
      input.off("data", onData);
      input.off("end", onEnd);
      input.setRawMode?.(false);
      input.pause();
      errorOutput.write("\n");
    };
    const onEnd = (): void => {
      finish();
      resolve(line);
    };
    const onData = (chunk: Uint8Array | string): void => {
      for (const letter of chunk.toString()) {
        if (letter === "\r" || letter === "\n" || letter === "\u0004") return onEnd();
        if (letter === "\u0003") {
          finish();
          return reject(interruptedError("Stopped."));
        }
        if (letter === "\u007F" || letter === "\b") {
          if (!isSecret && line !== "") errorOutput.write("\b \b");
          line = line.slice(0, -1);
        } else if (letter >= " ") {
          line += letter;
          if (!isSecret) errorOutput.write(letter);
        }
      }
    };
    input.setRawMode?.(true);
    input.on("data", onData);
    input.on("end", onEnd);
    input.resume();
  });
}

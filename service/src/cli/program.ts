import { Command, CommanderError } from "commander";
import { createClient } from "./api/client.ts";
import type { Client } from "./api/client.ts";
import { findConnection } from "./api/connection.ts";
import { CommandError } from "./command-error.ts";
import { addVerbs } from "./commands/index.ts";
import { findDataDirectory } from "./data-directory.ts";
import { exitCodes } from "./exit-codes.ts";
import { processInterrupts } from "./interrupts.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Runtime, ServeRequest } from "./runtime.ts";
import { createTerminal } from "./terminal.ts";
import type { Streams, Terminal } from "./terminal.ts";

export interface ProgramOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Runs the service until it is stopped. @returns the exit code. */
  readonly serve: (request: ServeRequest) => Promise<number>;
  /** Path of the demo model's committed questions. */
  readonly demoQuestions: string;
  /** Left out: those of the process. */
  readonly streams?: Streams;
  readonly interrupts?: Interrupts;
}

export interface Program {
  /** Runs one command line. @returns the exit code; every error was written. */
  run(words: readonly string[]): Promise<number>;
}

export function createProgram(options: ProgramOptions): Program {
  return { run: (words) => runCommand(words, options) };
}

async function runCommand(words: readonly string[], options: ProgramOptions): Promise<number> {
  const streams = options.streams ?? { input: process.stdin, output: process.stdout, errorOutput: process.stderr };
  const terminal = createTerminal(streams, options.environment);
  const release = endWithReader(terminal);
  const program = createCommand(options.version, terminal);
  const state: { client: Client | null; exitCode: number } = { client: null, exitCode: exitCodes.ok };
  const runtime = createRuntime(options, terminal, program, state);
  addVerbs(program, runtime);
  try {
    await program.parseAsync([...words], { from: "user" });
    return state.exitCode;
  } catch (error) {
    return explain(error, terminal, runtime.isJson());
  } finally {
    terminal.status("");
    await state.client?.close();
    release();
  }
}

function createCommand(version: string, terminal: Terminal): Command {
  return new Command("mlx-manager")
    .description("Local MLX models: find, download, run and serve them.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .option("--json", "print exactly the API's objects as JSON")
    .option("--address <address>", "address of the service, for example http://127.0.0.1:10242")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => terminal.columns ?? 100,
      getOutHasColors: () => false,
    })
    .showSuggestionAfterError()
    .exitOverride();
}

function createRuntime(
  options: ProgramOptions,
  terminal: Terminal,
  program: Command,
  state: { client: Client | null; exitCode: number },
): Runtime {
  const { environment, version, demoQuestions, serve, interrupts = processInterrupts } = options;
  const home = () => findDataDirectory(environment);
  const connection = () =>
    findConnection({ environment, home: home(), address: program.opts<{ address?: string }>().address });
  return {
    ...{ terminal, interrupts, version, demoQuestions, serve, home, connection },
    isJson: () => program.opts<{ json?: boolean }>().json === true,
    client: () => (state.client ??= createClient(connection())),
    exitWith(code) {
      state.exitCode = code;
    },
  };
}

/** @returns the exit code. */
function explain(error: unknown, terminal: Terminal, isJson: boolean): number {
  if (error instanceof CommanderError) {
    // Help and version were asked for and are written already.
    if (error.exitCode === 0) return exitCodes.ok;
    const message = `${error.message.replace(/^error: /, "").replace(/\.?$/, ".")} See: mlx-manager --help`;
    return explain(new CommandError("usage", message, { exitCode: exitCodes.usage }), terminal, isJson);
  }
  if (error instanceof CommandError) {
    if (isJson) terminal.note(JSON.stringify(error));
    else terminal.note(error.exitCode === exitCodes.interrupted ? error.message : `Error: ${error.message}`);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (isJson) terminal.note(JSON.stringify(new CommandError("internal", text)));
  else terminal.note(`Something went wrong inside mlx-manager. Report this:\n${text}`);
  return exitCodes.failed;
}

/** `mlx-manager ls | head -1` ends the pipe early: the rest is written to nobody, which is no failure. */
function endWithReader(terminal: Terminal): () => void {
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error;
  };
  terminal.output.on("error", onError);
  return () => void terminal.output.off("error", onError);
}

import { createProgram } from "./cli/index.ts";
import { findPlace } from "./platform/place.ts";
import { readVersion } from "./version.ts";

/** Runs one command line to its end. @returns the exit code (documented in `docs/cli.md`). */
export async function runCommandLine(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const program = createProgram({
    environment,
    version: readVersion(),
    demoQuestions: findPlace().demoQuestions,
    // Loaded for this verb alone: the others are clients and start in a third of the time without it.
    serve: async (options) => (await import("./serve.ts")).serve(environment, options),
  });
  return program.run(words);
}

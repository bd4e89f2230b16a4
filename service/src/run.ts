import { createProgram } from "./cli/index.ts";
import { findPlace } from "./platform/place.ts";
import { serve } from "./serve.ts";
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
    serve: (options) => serve(environment, options),
  });
  return program.run(words);
}

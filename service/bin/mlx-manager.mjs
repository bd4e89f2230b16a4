#!/usr/bin/env -S node --max-semi-space-size=4
// The command `mlx-manager`: finds or fetches a Node that runs the program, then runs it there. Started by a fit Node it
// costs no second process.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findOrFetchNode } from "./find-node.mjs";
import { sparingFlags } from "./node-version.mjs";
import { endLike, runChild } from "./run-child.mjs";
import { describeSetupError, InterruptedError } from "./setup-error.mjs";

const parameters = process.argv.slice(2);
try {
  const node = await findOrFetchNode({ write: (text) => process.stderr.write(text) });
  const program = programFile();
  if (node.isRunning && node.flags.every((flag) => process.execArgv.includes(flag))) {
    process.argv = [process.execPath, fileURLToPath(program), ...parameters];
    await import(program);
  } else {
    const words = [...node.flags, ...sparingFlags, fileURLToPath(program), ...parameters];
    endLike(await runChild(node.path, words, { env: process.env }));
  }
} catch (error) {
  if (error instanceof InterruptedError) endLike({ code: null, signal: error.signal });
  else {
    process.stderr.write(`${describeSetupError(error)}\n`);
    process.exitCode = 1;
  }
}

/** A checkout runs the source, where dist may be an old build; the package has only dist. */
function programFile() {
  const source = new URL("../src/main.ts", import.meta.url);
  return existsSync(source) ? source.href : new URL("../dist/main.js", import.meta.url).href;
}

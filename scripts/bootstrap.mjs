// The first program of `npm start`, `npm test`, `npm run check`, `bench` and `build`: brings a fresh clone to the point where
// the real one can run, then runs that. Plain JavaScript for Node 18, without dependencies.
//   node scripts/bootstrap.mjs <start|test|check|bench|build|generate> [parameters]
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findOrFetchNode } from "../service/bin/find-node.mjs";
import { sparingFlags } from "../service/bin/node-version.mjs";
import { withFolderFirst } from "../service/bin/npm-program.mjs";
import { endLike, runChild } from "../service/bin/run-child.mjs";
import { describeSetupError, InterruptedError, SetupError } from "../service/bin/setup-error.mjs";
import { installPackages } from "./install-packages.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** `folders` are installed first: each has its own package.json and lock. */
const commands = {
  start: { folders: [""], program: "service/src/main.ts", parameters: ["serve"], flags: sparingFlags },
  test: { folders: ["", "raycast"], program: "test/tools/run.mjs", parameters: [] },
  check: { folders: ["", "raycast"], program: "scripts/check.mjs", parameters: [] },
  bench: { folders: [""], program: "bench/run.mjs", parameters: [] },
  build: { folders: ["", "raycast"], program: "scripts/build.mjs", parameters: [] },
  generate: { folders: [""], program: "scripts/generate.mjs", parameters: [] },
};

try {
  await run(process.argv[2], process.argv.slice(3));
} catch (error) {
  if (error instanceof InterruptedError) endLike({ code: null, signal: error.signal });
  else {
    write(`${describeSetupError(error)}\n`);
    process.exitCode = 1;
  }
}

async function run(name, parameters) {
  if (!Object.hasOwn(commands, name ?? "")) {
    throw new SetupError(
      `unknown command ${name ?? ""}. Usage: node scripts/bootstrap.mjs <${Object.keys(commands).join("|")}> [parameters]`,
    );
  }
  const command = commands[name];
  const node = await findOrFetchNode({ write });
  await installPackages({
    root,
    folders: command.folders,
    node,
    env: process.env,
    write,
  });
  const words = [join(root, command.program), ...command.parameters, ...parameters];
  await handOver(node, command.flags ?? [], words);
}

/** In this process when its Node fits: no second one in memory, and no signals to hand on. A new one gets `flags` too. */
async function handOver(node, flags, [program, ...parameters]) {
  const env = environmentFor(node);
  if (node.isRunning && node.flags.every((flag) => process.execArgv.includes(flag))) {
    Object.assign(process.env, env);
    process.argv = [process.execPath, program, ...parameters];
    await import(pathToFileURL(program).href);
    return;
  }
  endLike(await runChild(node.path, [...node.flags, ...flags, program, ...parameters], { env }));
}

/** What the program starts by the name `node` or through npx is the same Node; the caller's npm stays reachable. */
function environmentFor(node) {
  const env = { ...process.env, PATH: withFolderFirst(process.env.PATH, dirname(node.path)) };
  for (const name of ["NODE", "npm_node_execpath"]) if (env[name] !== undefined) env[name] = node.path;
  return env;
}

/** On the error stream: what a command prints stays clean. */
function write(text) {
  process.stderr.write(text);
}

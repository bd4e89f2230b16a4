import { AppError } from "../../platform/errors.ts";
import type { EngineDefinition } from "./definitions.ts";
import type { EngineLock } from "./lock-file.ts";

const mark = "environment-facts ";
const program = [
  "import importlib, importlib.metadata, json, platform, sys",
  "modules, packages = json.loads(sys.argv[1])",
  "for name in modules: importlib.import_module(name)",
  "versions = {name: importlib.metadata.version(name) for name in packages}",
  `print(${JSON.stringify(mark)} + json.dumps({'python': platform.python_version(), 'versions': versions}))`,
].join("\n");

/**
 * Imports the engine in its environment and compares its versions with the lock's.
 * @param run runs the environment's Python with these words and answers what it printed.
 * @returns Python's version. @throws AppError `engine_failed` when it is another engine than ours; what `run` throws.
 */
export async function proveEnvironment(
  run: (words: readonly string[]) => Promise<string>,
  { modules, packages }: EngineDefinition,
  lock: EngineLock,
): Promise<string> {
  const said = await run(["-I", "-c", program, JSON.stringify([modules, packages])]);
  const line = said.split("\n").findLast((text) => text.startsWith(mark));
  const facts = JSON.parse(line?.slice(mark.length) ?? "{}") as { python?: string; versions?: Record<string, string> };
  for (const name of packages) {
    const found = facts.versions?.[name] ?? "none";
    if (found === lock.packages.get(name)) continue;
    const message = `The environment holds ${name} ${found} instead of ${lock.packages.get(name)}. Install again.`;
    throw new AppError("engine_failed", message);
  }
  return facts.python ?? "unknown";
}

/** Builds the extension as the store would and loads what came out, so that a test can render the very file users run. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { compileFunction } from "node:vm";
import type { ComponentType } from "react";
import * as React from "react";
import * as jsxRuntime from "react/jsx-runtime";
import * as standIn from "../fakes/raycast-api.tsx";
import { raycast } from "../fakes/raycast/record.ts";
import { rayBuild } from "./ray.ts";

export interface BuiltExtension {
  folder: string;
  /** What `ray build` printed. */
  output: string;
  /** Command name to size of its bundle in bytes. */
  sizes: Map<string, number>;
  /** The default export of a command's bundle, on the test's React and the stand-in for Raycast. */
  load(command: string): Promise<ComponentType<Record<string, unknown>>>;
  remove(): Promise<void>;
}

/** Throws with what `ray` said when the build fails. Call `remove()` when done. */
export async function buildExtension(): Promise<BuiltExtension> {
  const folder = await mkdtemp(join(tmpdir(), "raycast-build-"));
  const { exitCode, output } = await rayBuild(folder);
  if (exitCode !== 0) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`ray build failed with exit code ${exitCode}:\n${output}`);
  }
  const files = (await readdir(folder)).filter((file) => file.endsWith(".js"));
  const contents = await Promise.all(files.map((file) => readFile(join(folder, file))));
  return {
    folder,
    output,
    sizes: new Map(files.map((file, index) => [basename(file, ".js"), contents[index]!.byteLength])),
    load: (command) => loadCommand(join(folder, `${command}.js`), command),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function loadCommand(file: string, command: string): Promise<ComponentType<Record<string, unknown>>> {
  const source = await readFile(file, "utf8");
  const nodeRequire = createRequire(file);
  const provided: Record<string, unknown> = { "@raycast/api": standIn, react: React, "react/jsx-runtime": jsxRuntime };
  const module = { exports: {} as { default?: ComponentType<Record<string, unknown>> } };
  const require = (name: string) => {
    if (name in provided) return provided[name];
    // Anything else must be part of Node: what is not bundled would be missing on the user's Mac.
    if (!nodeRequire("node:module").isBuiltin(name)) throw new Error(`${command} needs "${name}" at run time`);
    return nodeRequire(name);
  };
  raycast.environment.commandName = command;
  const run = compileFunction(source, ["module", "exports", "require", "__filename", "__dirname"], { filename: file });
  run(module, module.exports, require, file, join(file, ".."));
  if (module.exports.default === undefined) throw new Error(`The bundle of ${command} has no default export`);
  return module.exports.default;
}

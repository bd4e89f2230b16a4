import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute paths of what ships with the package. The same answers from source (`src/`) and from the package (`dist/`). */
export interface Place {
  readonly packageRoot: string;
  readonly migrations: string;
  readonly engines: string;
  readonly demoModel: string;
  readonly demoQuestions: string;
  readonly openApi: string;
  /** Path of a worker's entry, given relative to `src/` without extension: `library/downloads/worker/main`. */
  worker(name: string): string;
}

/** Finds the package by this very file: `<package>/{src,dist}/platform/place.{ts,js}`. */
export function findPlace(moduleUrl: string = import.meta.url): Place {
  const file = fileURLToPath(moduleUrl);
  const tree = dirname(dirname(file));
  const packageRoot = dirname(tree);
  const extension = file.endsWith(".ts") ? ".ts" : ".js";
  return {
    packageRoot,
    migrations: join(tree, "platform", "database", "migrations"),
    engines: join(packageRoot, "engines"),
    demoModel: join(packageRoot, "demo-model", "model"),
    demoQuestions: join(packageRoot, "demo-model", "questions.json"),
    openApi: join(packageRoot, "openapi.json"),
    worker: (name) => join(tree, `${name}${extension}`),
  };
}

/** Names of the package's parts that are not where they belong; empty when the package is whole. */
export function missingParts(place: Place): string[] {
  const parts = { migrations: place.migrations, engines: place.engines, "demo model": place.demoModel };
  return Object.entries(parts).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));
}

/**
 * Runs a program that renders views, outside Jest: `node test/tools/on-bench.mjs <file.tsx> [arguments]`. Bundles it with
 * the same substitutions as jest.config.mjs (the stand-in for Raycast, one React) and runs the result.
 */
import { build } from "esbuild";
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const tests = dirname(dirname(fileURLToPath(import.meta.url)));
const extensionModules = join(tests, "..", "raycast", "node_modules");
const [program, ...rest] = process.argv.slice(2);
if (program === undefined) throw new Error("Usage: node test/tools/on-bench.mjs <file.tsx> [arguments]");

// Beside the stand-in's own folder, so that paths taken from `import.meta.url` stay true.
const bundle = join(tests, "fakes", "raycast", `.bench-${process.pid}.mjs`);
try {
  await build({
    entryPoints: [resolve(program)],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    jsx: "automatic",
    alias: {
      "@raycast/api": join(tests, "fakes", "raycast-api.tsx"),
      "@raycast/utils": join(extensionModules, "@raycast", "utils"),
      react: join(extensionModules, "react"),
    },
    // React and its renderer are CommonJS and ask for each other with require.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
  process.argv = [process.argv[0], resolve(program), ...rest];
  await import(pathToFileURL(bundle).href);
} finally {
  await rm(bundle, { force: true });
}

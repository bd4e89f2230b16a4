import { transformSync } from "esbuild";

/** Emits ES modules: with CommonJS output the ESM-only packages (execa, node-fetch) cannot be loaded by Jest on Node 22. */
export default {
  process(source, path) {
    const { code, map } = transformSync(source, {
      loader: path.endsWith("x") ? "tsx" : "ts",
      format: "esm",
      target: "es2024",
      jsx: "automatic",
      sourcemap: true,
      sourcefile: path,
    });
    return { code, map };
  },
};

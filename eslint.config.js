import javascript from "@eslint/js";
import prettier from "eslint-config-prettier";
import globals from "globals";
import typescript from "typescript-eslint";

export default typescript.config(
  {
    ignores: [
      "**/node_modules/**",
      "**/dist/**",
      "raycast/**",
      "**/*.d.ts",
      "service/demo-model/**",
      "test/fixtures/**/*.json",
    ],
  },
  javascript.configs.recommended,
  ...typescript.configs.recommended,
  prettier,
  {
    languageOptions: { globals: globals.node },
    rules: {
      // BUGFIX-05: no debug output in production code; BUGFIX-01: no swallowed error.
      "no-console": "error",
      "no-empty": ["error", { allowEmptyCatch: false }],
      "preserve-caught-error": "off",
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "Only config.ts reads the environment." },
        { object: "process", property: "exit", message: "Only main.ts ends the process." },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    files: ["service/src/**/*.ts"],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: false }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  { files: ["service/src/config.ts", "service/src/main.ts"], rules: { "no-restricted-properties": "off" } },
  { files: ["service/src/cli/**"], rules: { "no-console": "off" } },
  {
    files: ["scripts/**", "service/bin/**", "bench/**", "test/**"],
    rules: { "no-console": "off", "no-restricted-properties": "off" },
  },
);

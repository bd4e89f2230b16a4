/** One configuration for both Jest runs (see test/tools/run.mjs): everything without an engine, and test/e2e in band. */
export default {
  testEnvironment: "node",
  testMatch: ["<rootDir>/test/**/*.test.{ts,tsx}"],
  extensionsToTreatAsEsm: [".ts", ".tsx"],
  transform: { "\\.tsx?$": "<rootDir>/test/tools/transform.mjs" },
  moduleNameMapper: {
    "^@raycast/api$": "<rootDir>/test/fakes/raycast-api.tsx",
    // The one file of it that is an ES module, as the extension's bundler takes it.
    "^@raycast/utils$": "<rootDir>/raycast/node_modules/@raycast/utils/dist/module.js",
    // One React for views, utils and the renderer: a second copy fails every hook with "Invalid hook call".
    "^react$": "<rootDir>/raycast/node_modules/react",
    "^react/(.*)$": "<rootDir>/raycast/node_modules/react/$1",
  },
  // The extension's manifest bears the service's name, and Jest would warn of the collision.
  modulePathIgnorePatterns: ["<rootDir>/raycast/dist", "<rootDir>/service/dist", "<rootDir>/raycast/package.json"],
  setupFiles: ["<rootDir>/test/tools/setup.mjs"],
  coverageProvider: "v8",
  testTimeout: 120_000,
};

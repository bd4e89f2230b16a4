// The test runner of `npm test` and `npm run test:full`: two Jest runs at once. Everything without an engine on two
// workers, which often wait, and beside it test/e2e in band on the real engine; with patterns of paths, what these name of
// both. Prints seconds per suite and, last, "N passed, N failed".
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { jestRuns } from "./jest-runs.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const parameters = process.argv.slice(2);
const isFull = parameters.includes("--full");
const patterns = parameters.filter((parameter) => parameter !== "--full");
const folder = mkdtempSync(join(tmpdir(), "mlx-manager-test-"));

const started = Date.now();
const totals = { passed: 0, failed: 0, suites: [] };
try {
  await prepare();
  await Promise.all(jestRuns(root, patterns).map(runJest));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report();

/** Installs the engine, uv, the Python referee and the coding agents once per machine, before any test waits for them. */
async function prepare() {
  const begun = Date.now();
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(root, "test/tools/prepare.ts")],
    {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const code = await new Promise((resolve) => child.on("close", (exit, signal) => resolve(signal === null ? exit : 1)));
  if (code !== 0) totals.failed += 1;
  totals.suites.push({ path: "set-up: engine, uv, Python", seconds: (Date.now() - begun) / 1000 });
}

async function runJest({ name, parameters: own }) {
  const output = join(folder, `${name}.json`);
  const words = [
    ...[
      "--disable-warning=ExperimentalWarning",
      "--experimental-vm-modules",
      join(root, "node_modules/jest/bin/jest.js"),
    ],
    ...[...own, "--json", "--outputFile", output, "--passWithNoTests", "--silent=false"],
  ];
  const child = spawn(process.execPath, words, {
    cwd: root,
    env: { ...process.env, ...(isFull ? { MLX_MANAGER_TEST_FULL: "1" } : {}) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise((resolve) => child.on("close", (exit, signal) => resolve(signal === null ? exit : 1)));
  if (!existsSync(output)) {
    console.error(`Jest ended with ${code} and no report for "${name}".`);
    totals.failed += 1;
    return;
  }
  const result = JSON.parse(readFileSync(output, "utf8"));
  totals.passed += result.numPassedTests;
  totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  // A skipped test is a test that did not run: it counts as failed here.
  totals.failed += result.numPendingTests + result.numTodoTests;
  for (const suite of result.testResults) {
    totals.suites.push({ path: relative(root, suite.name), seconds: (suite.endTime - suite.startTime) / 1000 });
  }
  if (code !== 0 && result.success) totals.failed += 1;
}

function report() {
  console.log("\nSeconds per suite:");
  for (const { path, seconds } of totals.suites.sort((one, other) => other.seconds - one.seconds)) {
    console.log(`${seconds.toFixed(1).padStart(8)}  ${path}`);
  }
  console.log(`\n${isFull ? "Full counts" : "Small counts"}, ${((Date.now() - started) / 1000).toFixed(0)} s in all.`);
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}

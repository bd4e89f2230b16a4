// `npm run check`: types, lint, format, import rules, generated files, fast tests. Under a minute on a warm machine.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, "node_modules", ".bin", name);
const jest = [
  "--disable-warning=ExperimentalWarning",
  "--experimental-vm-modules",
  join(root, "node_modules/jest/bin/jest.js"),
];

const steps = [
  ["types of the service", bin("tsc"), ["-p", "tsconfig.json"]],
  ["types of the tests", bin("tsc"), ["-p", "test/tsconfig.json", "--noEmit"]],
  ["lint", bin("eslint"), ["--cache", "--cache-location", "node_modules/.cache/eslint/", "."]],
  [
    "format",
    bin("prettier"),
    ["--cache", "--check", "--log-level", "warn", "service/src", "test", "scripts", "bench", "*.js", "*.mjs"],
  ],
  ["import rules", process.execPath, ["scripts/import-rules.mjs"]],
  ["generated files", process.execPath, ["scripts/generate.mjs", "--check"]],
  [
    "fast tests",
    process.execPath,
    [
      ...jest,
      "--maxWorkers=2",
      "--silent",
      "test/service/platform",
      "test/service/core",
      "test/service/contract",
      "test/raycast/format",
    ],
  ],
];

// Two at a time: two cores, and the first failures show early.
const queue = [...steps];
let failed = 0;
await Promise.all([work(), work()]);
process.exitCode = failed === 0 ? 0 : 1;

async function work() {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    const [name, file, words] = step;
    const started = Date.now();
    const { code, output } = await run(file, words);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`${code === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
    if (code === 0) continue;
    failed += 1;
    console.log(output.trimEnd());
  }
}

function run(file, words) {
  return new Promise((resolve) => {
    const child = spawn(file, words, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const chunks = [];
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => chunks.push(chunk));
    child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString("utf8") }));
  });
}

// Compiles service/engines/<engine>/locks/<platform>.txt, pinned and hashed, from requirements.in.
//
//   node scripts/compile-engine-locks.mjs             keep the pins that are there, fill in what is missing
//   node scripts/compile-engine-locks.mjs --upgrade   newest versions that requirements.in allows
//   node scripts/compile-engine-locks.mjs --check     only assert what the committed locks must hold
//   node scripts/compile-engine-locks.mjs --tooling   pin uv's own wheels in service/engines/tooling.json
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pinUvWheels, run, withPinnedUv } from "./pinned-uv.mjs";

const enginesFolder = path.join(import.meta.dirname, "..", "service", "engines");
const LOWEST_PYTHON = "3.11";

// Without the deployment target uv assumes macOS 13 and quietly takes mlx 0.29; the plain Linux target has no solution,
// because MLX's wheels want glibc 2.35. Hence both choices, and the expectations below that would notice.
const PLATFORMS = {
  "macos-arm64": { target: "aarch64-apple-darwin", environment: { MACOSX_DEPLOYMENT_TARGET: "14.0" } },
  "linux-x86_64": { target: "x86_64-manylinux_2_35", environment: {} },
};

const ENGINES = {
  "mlx-lm": {
    exact: { "mlx-lm": "0.32.2", llguidance: "1.9.1" },
    atLeast: { mlx: "0.32.4" },
    backend: { "macos-arm64": "mlx-metal", "linux-x86_64": "mlx-cpu" },
  },
  "mlx-vlm": {
    exact: { "mlx-vlm": "0.7.10" },
    atLeast: { mlx: "0.32.4" },
    backend: { "macos-arm64": "mlx-metal", "linux-x86_64": "mlx-cpu" },
  },
  // No Linux: its packages want CUDA there. It pins older engines, so it can share an environment with neither.
  "mlx-openai-server": {
    exact: { "mlx-openai-server": "1.8.1" },
    atLeast: { mlx: "0.31.2" },
    backend: { "macos-arm64": "mlx-metal" },
  },
};

const flags = new Set(process.argv.slice(2));
if (flags.has("--tooling")) {
  for (const [platform, wheel] of Object.entries(pinUvWheels())) console.log(`${platform}: ${wheel.file}`);
} else {
  if (!flags.has("--check")) withPinnedUv((uv) => forEachLock((lock) => compile(uv, lock)));
  forEachLock(assertLock);
}

function forEachLock(visit) {
  for (const [engine, expected] of Object.entries(ENGINES)) {
    for (const platform of Object.keys(expected.backend)) {
      visit({ engine, expected, platform, file: path.join(enginesFolder, engine, "locks", `${platform}.txt`) });
    }
  }
}

function compile(uv, { engine, platform, file }) {
  const { target, environment } = PLATFORMS[platform];
  const input = path.join(enginesFolder, engine, "requirements.in");
  const options = ["pip", "compile", input, "--quiet", "--generate-hashes", "--no-header", "--no-annotate"];
  options.push("--no-emit-index-url", "--no-emit-find-links", "--python-version", LOWEST_PYTHON);
  options.push("--python-platform", target, "--output-file", file);
  if (flags.has("--upgrade")) options.push("--upgrade");
  run(uv, options, environment);
  const header = `# Engine ${engine}, ${platform}, Python >= ${LOWEST_PYTHON}: compiled by scripts/compile-engine-locks.mjs.\n`;
  const pins = readFileSync(file, "utf8").replace(/^#.*\n/gm, "");
  writeFileSync(file, header + pins);
}

function assertLock({ engine, platform, expected, file }) {
  if (!existsSync(file)) throw new Error(`${file} is missing: run this script without --check`);
  const text = readFileSync(file, "utf8");
  const pins = readPins(text);
  const complaints = [];
  for (const [name, version] of Object.entries(expected.exact)) {
    if (pins.get(name)?.version !== version)
      complaints.push(`${name} is ${pins.get(name)?.version}, wanted ${version}`);
  }
  for (const [name, version] of Object.entries(expected.atLeast)) {
    const found = pins.get(name)?.version;
    if (!found || compareVersions(found, version) < 0) complaints.push(`${name} is ${found}, wanted >= ${version}`);
  }
  if (!pins.has(expected.backend[platform])) complaints.push(`no backend ${expected.backend[platform]}`);
  for (const [name, pin] of pins) if (pin.hashes === 0) complaints.push(`${name} has no hash`);
  if (/https?:|--index|--find-links/.test(text)) complaints.push("an index or a link remained in it");
  if (complaints.length > 0) throw new Error(`${engine} ${platform}: ${complaints.join("; ")}`);
  console.log(`${engine} ${platform}: ${pins.size} packages, mlx ${pins.get("mlx").version}`);
}

function readPins(text) {
  const pins = new Map();
  for (const entry of text.split(/\n(?=[a-z0-9])/i)) {
    const [, name, version] = /^([a-z0-9._-]+)==(\S+)/i.exec(entry) ?? [];
    if (name) pins.set(name, { version, hashes: entry.match(/--hash=sha256:[0-9a-f]{64}/g)?.length ?? 0 });
  }
  return pins;
}

function compareVersions(left, right) {
  return left.localeCompare(right, "en", { numeric: true });
}

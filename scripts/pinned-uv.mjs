import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export const toolingFile = path.join(import.meta.dirname, "..", "service", "engines", "tooling.json");

// uv's wheels carry the plain binary; the platform tags are those pip accepts for each machine.
const WHEEL_PLATFORMS = {
  "linux-x86_64": "manylinux2014_x86_64",
  "linux-aarch64": "manylinux_2_28_aarch64",
  "macos-arm64": "macosx_11_0_arm64",
  "macos-x86_64": "macosx_10_12_x86_64",
};

/** The uv version that the engine installer fetches where none is on the PATH. */
export function pinnedUvVersion() {
  return JSON.parse(readFileSync(toolingFile, "utf8")).uv.version;
}

/**
 * Runs `use(uv)` with the path of a uv of the pinned version: the one on the PATH when it is that version, else one
 * installed into a temporary Python environment that is removed afterwards.
 */
export function withPinnedUv(use) {
  const version = pinnedUvVersion();
  if (uvVersion("uv") === version) return use("uv");
  return withTemporaryFolder((folder) => {
    run("python3", ["-m", "venv", folder]);
    run(path.join(folder, "bin", "python"), ["-m", "pip", "install", "--quiet", `uv==${version}`]);
    return use(path.join(folder, "bin", "uv"));
  });
}

/** Downloads the pinned wheel for every platform and writes file name, sha256 and size into tooling.json. */
export function pinUvWheels() {
  const version = pinnedUvVersion();
  const wheels = {};
  for (const [name, platform] of Object.entries(WHEEL_PLATFORMS)) {
    wheels[name] = withTemporaryFolder((folder) => {
      const options = ["--quiet", "--no-deps", "--only-binary=:all:", "--platform", platform, "--dest", folder];
      run("python3", ["-m", "pip", "download", ...options, `uv==${version}`]);
      const [file] = readdirSync(folder);
      const bytes = readFileSync(path.join(folder, file));
      return { file, sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
    });
  }
  writeFileSync(toolingFile, `${JSON.stringify({ uv: { version, wheels } }, null, 2)}\n`);
  return wheels;
}

export function run(command, options, environment = {}) {
  return execFileSync(command, options, { encoding: "utf8", env: { ...process.env, ...environment } });
}

function uvVersion(command) {
  try {
    return run(command, ["--version"]).split(" ")[1]?.trim();
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

function withTemporaryFolder(use) {
  const folder = mkdtempSync(path.join(tmpdir(), "mlx-manager-tooling-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

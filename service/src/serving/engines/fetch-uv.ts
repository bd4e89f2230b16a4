import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { AppError } from "../../platform/errors.ts";
import { loadFromIndex } from "./index-client.ts";
import type { PackageIndex } from "./package-index.ts";
import { readFromWheel } from "./wheel.ts";

const Wheel = z.object({ file: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.int() });
const Tooling = z.object({ uv: z.object({ version: z.string(), wheels: z.record(z.string(), Wheel) }) });

export interface FetchUvOptions {
  /** `service/engines`: holds tooling.json. */
  readonly enginesFolder: string;
  /** Where fetched tools are kept, for all engines. */
  readonly toolingPath: string;
  readonly platform: string;
  readonly architecture: string;
  readonly index: PackageIndex;
  readonly signal: AbortSignal;
}

/**
 * uv in the version that tooling.json pins, fetched once from the user's index and checked before a byte of it is run.
 * @returns its path. @throws AppError `checksum_mismatch`, `unsupported`, or what loading throws.
 */
export async function fetchUv(options: FetchUvOptions): Promise<string> {
  const { enginesFolder, toolingPath, platform, architecture, index, signal } = options;
  const { uv } = Tooling.parse(JSON.parse(readFileSync(join(enginesFolder, "tooling.json"), "utf8")));
  const target = join(toolingPath, `uv-${uv.version}`, "uv");
  if (existsSync(target)) return target;
  const wheel = uv.wheels[wheelName(platform, architecture)];
  if (!wheel) {
    const message = "There is no uv for this machine. Install Python 3.11 or newer, then install again.";
    throw new AppError("unsupported", message);
  }
  const bytes = await loadFromIndex("uv", wheel.file, index, signal);
  if (createHash("sha256").update(bytes).digest("hex") !== wheel.sha256) {
    const message = "The uv from the package index is not the one we pin. Check the index or the proxy between.";
    throw new AppError("checksum_mismatch", message);
  }
  // Two services may share the folder: each writes its own file, the last rename wins with the same bytes.
  const temporary = `${target}.${process.pid}`;
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  try {
    await writeFile(temporary, readFromWheel(bytes, ".data/scripts/uv"));
    await chmod(temporary, 0o755);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
  return target;
}

/** The names of tooling.json for what Node calls the machine. */
function wheelName(platform: string, architecture: string): string {
  if (platform === "darwin") return `macos-${architecture === "x64" ? "x86_64" : architecture}`;
  return `${platform}-${{ x64: "x86_64", arm64: "aarch64" }[architecture] ?? architecture}`;
}

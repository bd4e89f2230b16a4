import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export type LockPlatform = "macos-arm64" | "linux-x86_64";

/** One hashed requirements file: what exactly is installed on one platform. */
export interface EngineLock {
  readonly path: string;
  /** First 16 hex digits of the file's SHA-256; names the environment's folder. */
  readonly hash: string;
  readonly packages: ReadonlyMap<string, string>;
  readonly engineVersion: string;
}

/** Which lock this machine takes; null where MLX does not run. */
export function lockPlatform(platform: string, architecture: string): LockPlatform | null {
  if (platform === "darwin" && architecture === "arm64") return "macos-arm64";
  if (platform === "linux" && architecture === "x64") return "linux-x86_64";
  return null;
}

export function readLock(enginesFolder: string, engine: string, platform: LockPlatform): EngineLock {
  const path = join(enginesFolder, engine, "locks", `${platform}.txt`);
  const text = readFileSync(path, "utf8");
  const packages = parsePins(text);
  return {
    path,
    hash: createHash("sha256").update(text).digest("hex").slice(0, 16),
    packages,
    engineVersion: packages.get(engine) ?? "unknown",
  };
}

/** Name and version of each pin; extras are dropped from the names. */
export function parsePins(text: string): Map<string, string> {
  const pins = text.matchAll(/^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)/gm);
  return new Map([...pins].map((pin) => [pin[1] ?? "", pin[2] ?? ""]));
}

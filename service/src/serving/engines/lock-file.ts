import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export type LockPlatform = "macos-arm64" | "linux-x86_64";

/** One hashed requirements file: what exactly is installed on one platform. */
export interface EngineLock {
  readonly path: string;
  /** First 16 hex digits of the file's SHA-256; names the environment's folder. */
  readonly hash: string;
  /** Version of each package, by its name as the lock writes it. */
  readonly packages: ReadonlyMap<string, string>;
  readonly engineVersion: string;
}

/** Which lock this machine takes; null where MLX does not run. Names are Node's. */
export function lockPlatform(platform: string, architecture: string): LockPlatform | null {
  if (platform === "darwin" && architecture === "arm64") return "macos-arm64";
  if (platform === "linux" && architecture === "x64") return "linux-x86_64";
  return null;
}

/** @throws Error when the lock does not pin the engine itself: the package is damaged. */
export function readLock(enginesFolder: string, engine: string, platform: LockPlatform): EngineLock {
  const path = join(enginesFolder, engine, "locks", `${platform}.txt`);
  return { path, ...parseLock(readFileSync(path, "utf8"), engine) };
}

export function parseLock(text: string, engine: string): Omit<EngineLock, "path"> {
  const packages = parsePins(text);
  const engineVersion = packages.get(engine);
  if (engineVersion === undefined) throw new Error(`The lock does not pin ${engine}.`);
  return { hash: createHash("sha256").update(text).digest("hex").slice(0, 16), packages, engineVersion };
}

/** Name and version of each pin; extras and markers are dropped. */
function parsePins(text: string): Map<string, string> {
  const pins = text.matchAll(/^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)/gm);
  return new Map([...pins].map((pin) => [pin[1] ?? "", pin[2] ?? ""]));
}

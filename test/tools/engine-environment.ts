import { mkdirSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readConfig } from "../../service/src/config.ts";
import { systemClock } from "../../service/src/platform/clock.ts";
import { definitions } from "../../service/src/serving/engines/definitions.ts";
import { fetchUv } from "../../service/src/serving/engines/fetch-uv.ts";
import { installEnvironment } from "../../service/src/serving/engines/install.ts";
import { lockPlatform, readLock } from "../../service/src/serving/engines/lock-file.ts";
import { readPackageIndex } from "../../service/src/serving/engines/package-index.ts";

const enginesFolder = fileURLToPath(new URL("../../service/engines", import.meta.url));
let path: Promise<string> | null = null;

/** Where tests keep what is installed once per machine, beside the user's other caches. */
export function testCache(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "mlx-manager-test");
}

/**
 * A folder with the real engine of today's lock, installed by the service's own installer at the first call on this
 * machine and taken as it is later. For `MLX_MANAGER_ENGINES_PATH`.
 */
export function sharedEnginesPath(): Promise<string> {
  path ??= install();
  return path;
}

async function install(): Promise<string> {
  const enginesPath = join(testCache(), "engines");
  mkdirSync(enginesPath, { recursive: true });
  const platform = lockPlatform(process.platform, process.arch);
  if (platform === null) throw new Error("MLX does not run on this machine.");
  const lines: string[] = [];
  try {
    await installEnvironment({
      ...{
        engine: "mlx-lm",
        definition: definitions["mlx-lm"],
        lock: readLock(enginesFolder, "mlx-lm", platform),
      },
      ...{ enginesPath, enginesFolder, offline: false, environment: readConfig(process.env).childEnvironment },
      ...{
        platform: process.platform,
        architecture: process.arch,
        clock: systemClock,
        signal: new AbortController().signal,
      },
      log: (line) => void lines.push(line),
      progress: () => undefined,
      isInUse: () => false,
    });
  } catch (error) {
    throw new Error(`The engine could not be installed for the tests:\n${lines.join("\n")}`, { cause: error });
  }
  return enginesPath;
}

/**
 * What a service that installs for itself needs beside its own folder: the ways to packages of this machine, the package
 * cache that the shared installation fills (each byte comes over the network once), and the uv that is here.
 */
export async function ownEnginesEnvironment(enginesPath: string): Promise<Record<string, string>> {
  await sharedUv();
  mkdirSync(enginesPath, { recursive: true });
  symlinkSync(join(testCache(), "engines", ".tooling"), join(enginesPath, ".tooling"));
  const names = /^(UV_|PIP_|SSL_CERT_|(HTTPS?|ALL|NO)_PROXY$)/i;
  const ways = Object.entries(process.env).filter((entry): entry is [string, string] => names.test(entry[0]));
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "uv");
  return { UV_CACHE_DIR: cache, ...Object.fromEntries(ways), MLX_MANAGER_ENGINES_PATH: enginesPath };
}

let uv: Promise<string> | null = null;

/** The uv that we pin, fetched by the service's own code at the first call on this machine. */
export function sharedUv(): Promise<string> {
  uv ??= fetchUv({
    ...{ enginesFolder, toolingPath: join(testCache(), "engines", ".tooling") },
    ...{ platform: process.platform, architecture: process.arch },
    index: readPackageIndex(readConfig(process.env).childEnvironment),
    signal: new AbortController().signal,
  });
  return uv;
}

import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { configurationError } from "../command-error.ts";

/** `cli.json` of the data directory (0600): keys by the address they open, so that none is ever sent elsewhere. */
const StoredKeys = z.looseObject({ keys: z.record(z.string(), z.string()).default({}) });
type StoredKeys = z.infer<typeof StoredKeys>;

export function readStoredKey(home: string, address: string): string | null {
  return readFile(home).keys[address] ?? null;
}

/** Null forgets the key. @returns the file's path. */
export function storeKey(home: string, address: string, key: string | null): string {
  const content = readFile(home);
  const { [address]: _old, ...others } = content.keys;
  const path = pathIn(home);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}`;
  const keys = key === null ? others : { ...others, [address]: key };
  writeFileSync(temporary, `${JSON.stringify({ ...content, keys }, null, 2)}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
  return path;
}

function readFile(home: string): StoredKeys {
  const path = pathIn(home);
  if (!existsSync(path)) return { keys: {} };
  try {
    return StoredKeys.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof z.ZodError)) throw error;
    throw configurationError(`${path} is damaged. Delete it and store the key again: mlx-manager config key`, error);
  }
}

function pathIn(home: string): string {
  return join(home, "cli.json");
}

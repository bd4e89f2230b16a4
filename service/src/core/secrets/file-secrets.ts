import { randomBytes } from "node:crypto";
import { chmod, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod";
import { AppError, systemCode } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import type { Secrets, SecretsOptions } from "./secrets.ts";

const Stored = z.strictObject({ version: z.literal(1), secrets: z.record(z.string(), z.string()) });

/** One JSON file (0600), replaced as a whole, so that a crash leaves the old one or the new one. */
export function createFileSecrets({ secretsPath: path, log }: Pick<SecretsOptions, "secretsPath" | "log">): Secrets {
  const read = async (): Promise<Record<string, string>> => {
    const text = await readPrivate(path, log);
    return text === null ? {} : parse(text);
  };
  return {
    async get(name) {
      const secrets = await read();
      return Object.hasOwn(secrets, name) ? (secrets[name] ?? null) : null;
    },
    async set(name, value) {
      await replace(path, { ...(await read()), [name]: value });
    },
    async remove(name) {
      const { [name]: removed, ...others } = await read();
      if (removed === undefined) return;
      if (Object.keys(others).length === 0) await rm(path);
      else await replace(path, others);
    },
  };
}

/** Null when there is no file. One that others can read is closed to them before its content is used. */
async function readPrivate(path: string, log: Log): Promise<string | null> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      await chmod(path, 0o600);
      log.warn("other accounts of this machine could read the stored secrets; that is mended now");
    }
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw new AppError("internal", "The stored secrets cannot be read. Check the rights of secrets.json.", {
      cause: error,
    });
  }
}

/** Without a cause: a JSON error quotes the text around it, which here is secret. */
function parse(text: string): Record<string, string> {
  const parsed = Stored.safeParse(parseJson(text));
  if (parsed.success) return parsed.data.secrets;
  throw new AppError("internal", "The file secrets.json is damaged. Delete it and store your token again.");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

async function replace(path: string, secrets: Record<string, string>): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ version: 1, secrets })}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    const message = "The secret could not be stored. Check the free space and the rights of the data directory.";
    throw new AppError(systemCode(error) === "ENOSPC" ? "disk_full" : "internal", message, { cause: error });
  }
  // The name is on disk only when its folder is.
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

import { hash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { AppError } from "../../platform/errors.ts";

/** What keys are compared by: all are of one length, and comparing them tells nothing of the keys by its time. */
export function hashOf(key: string): Buffer {
  return hash("sha256", key, "buffer");
}

/** The key of `Authorization: Bearer …`, or of `x-api-key` where that is allowed. Never of a query string. */
export function keyOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  allowApiKeyHeader: boolean,
): string | null {
  const authorization = headers["authorization"];
  const bearer = typeof authorization === "string" ? /^Bearer +(\S+)$/i.exec(authorization)?.[1] : undefined;
  if (bearer !== undefined) return bearer;
  const apiKey = headers["x-api-key"];
  return allowApiKeyHeader && typeof apiKey === "string" && apiKey !== "" ? apiKey : null;
}

/**
 * Reads `run/admin.key`, or writes a random one (0600) at the first start. CLI and extension on the same account use
 * it when no other key is given, so that locking never locks the owner out.
 */
export function loadAdminKey(path: string): string {
  if (!existsSync(path))
    writeFileSync(path, `mlxm_${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  chmodSync(path, 0o600);
  const key = readFileSync(path, "utf8").trim();
  if (key.length < 20) throw new AppError("internal", "The file run/admin.key is damaged. Delete it and start again.");
  return key;
}

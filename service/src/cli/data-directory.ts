import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { configurationError } from "./command-error.ts";

/** Where service and CLI of one account keep what they share. @throws CommandError `configuration` */
export function findDataDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const value = environment["MLX_MANAGER_HOME"]?.trim() ?? "";
  if (value === "") return join(homedir(), ".mlx-manager");
  const path = value === "~" || value.startsWith("~/") ? join(homedir(), value.slice(1)) : value;
  if (isAbsolute(path)) return resolve(path);
  throw configurationError(`MLX_MANAGER_HOME is "${value}". Allowed: an absolute path.`);
}

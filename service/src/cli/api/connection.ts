import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { configurationError, usageError } from "../command-error.ts";
import { readStoredKey } from "./stored-keys.ts";

/** Where the service is and what opens it. */
export interface Connection {
  /** For example `http://127.0.0.1:10242`, without a slash at the end. */
  readonly address: string;
  readonly key: string | null;
  readonly keySource: "environment" | "cli.json" | "admin.key" | null;
}

export interface ConnectionOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The data directory. */
  readonly home: string;
  /** What `--address` says. */
  readonly address: string | undefined;
}

const defaultAddress = "http://127.0.0.1:10242";

/**
 * Address: `--address`, `MLX_MANAGER_HOST` and `MLX_MANAGER_PORT`, the running service's own file, the default. Key:
 * `MLX_MANAGER_API_KEY`, what `config key` stored for the address, the service's admin key.
 * @throws CommandError `usage` or `configuration`
 */
export function findConnection({ environment, home, address: wanted }: ConnectionOptions): Connection {
  const discovered = readDiscovery(home);
  const address =
    wanted !== undefined
      ? parseAddress(wanted, () => usageError(`--address is "${wanted}". Give it like ${defaultAddress}.`))
      : (addressByEnvironment(environment) ?? discovered ?? defaultAddress);
  const fromEnvironment = environment["MLX_MANAGER_API_KEY"]?.trim() ?? "";
  if (fromEnvironment !== "") return { address, key: fromEnvironment, keySource: "environment" };
  const stored = readStoredKey(home, address);
  if (stored !== null) return { address, key: stored, keySource: "cli.json" };
  // The admin key opens everything, so it never leaves this machine.
  const adminKey = isLocal(address) || address === discovered ? readOptional(join(home, "run", "admin.key")) : null;
  return { address, key: adminKey, keySource: adminKey === null ? null : "admin.key" };
}

function addressByEnvironment(environment: ConnectionOptions["environment"]): string | null {
  const host = environment["MLX_MANAGER_HOST"]?.trim() ?? "";
  const port = environment["MLX_MANAGER_PORT"]?.trim() ?? "";
  // Port 0 lets the system choose: only the service's own file knows which it became.
  if ((host === "" && port === "") || port === "0") return null;
  const name = host === "" ? "127.0.0.1" : host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  const address = `http://${name}:${port === "" ? "10242" : port}`;
  return parseAddress(address, () =>
    configurationError(`MLX_MANAGER_HOST and MLX_MANAGER_PORT give ${address}, which is no address. Correct them.`),
  );
}

function readDiscovery(home: string): string | null {
  const text = readOptional(join(home, "run", "service.json"));
  if (text === null) return null;
  try {
    const { address } = z.object({ address: z.string() }).parse(JSON.parse(text));
    return parseAddress(address, () => new SyntaxError("no address"));
  } catch (error) {
    // Written by the service for whoever looks for it; a damaged file is as good as none.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** Wildcard hosts are where a service listens, not where one can call it. */
function parseAddress(text: string, wrong: () => Error): string {
  const url = URL.parse(/^https?:\/\//.test(text) ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === "" || url.username !== "") throw wrong();
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  if (url.hostname === "[::]") url.hostname = "[::1]";
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function isLocal(address: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(address).hostname);
}

function readOptional(path: string): string | null {
  if (!existsSync(path)) return null;
  const text = readFileSync(path, "utf8").trim();
  return text === "" ? null : text;
}

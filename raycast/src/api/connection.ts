import { getPreferenceValues } from "@raycast/api";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dataFolder } from "./place.ts";

export const DEFAULT_ADDRESS = "http://127.0.0.1:10242";

/** Where the service is and what opens it. */
export interface Connection {
  /** Without a slash at its end. */
  address: string;
  key: string | undefined;
  /** Whether the key was typed into the preferences: a refused one is then the user's to change. */
  keyFromPreferences: boolean;
}

/**
 * What the preferences say; else what the service on this account left for us: its address in `run/service.json` and the
 * admin key in `run/admin.key`. That key is never offered to another machine.
 */
export function readConnection(): Connection {
  const preferences = getPreferenceValues<{ serviceUrl?: string; apiKey?: string }>();
  const address = chooseAddress(preferences.serviceUrl ?? "");
  const typed = preferences.apiKey?.trim() || undefined;
  const key = typed ?? (isOnThisMachine(address) ? readRunFile("admin.key")?.trim() || undefined : undefined);
  return { address, key, keyFromPreferences: typed !== undefined };
}

/** Whether the address is of this machine: only then can we look for the program or start it. */
export function isOnThisMachine(address: string): boolean {
  const host = URL.parse(address)?.hostname ?? "";
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

export function authorization({ key }: Connection): Record<string, string> {
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}

function chooseAddress(preference: string): string {
  const typed = preference.trim().replace(/\/+$/, "");
  const complete = typed === "" || /^https?:\/\//i.test(typed) ? typed : `http://${typed}`;
  // The default stands for "wherever it is": a service on another port has left its address.
  if (complete !== "" && complete !== DEFAULT_ADDRESS) return complete;
  return readDiscoveredAddress() ?? DEFAULT_ADDRESS;
}

function readDiscoveredAddress(): string | undefined {
  const text = readRunFile("service.json");
  if (text === undefined) return undefined;
  const found = parseDiscovery(text);
  return found !== undefined && isRunning(found.pid) && isOnThisMachine(found.address) ? found.address : undefined;
}

function parseDiscovery(text: string): { pid: number; address: string } | undefined {
  try {
    const { pid, address } = JSON.parse(text) as { pid?: unknown; address?: unknown };
    if (typeof pid !== "number" || typeof address !== "string") return undefined;
    return { pid, address: address.replace(/\/+$/, "") };
  } catch (error) {
    // A file in the middle of being written is as good as none.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The file outlives a killed service: only a living process may lend its address. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function readRunFile(name: string): string | undefined {
  try {
    return readFileSync(join(dataFolder(), "run", name), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // No service has run here, or it runs under another account.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES" || code === "EPERM") return undefined;
    throw error;
  }
}

import { hash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Whom a request is for. */
export interface Asker {
  /** The same for requests of one client, different for others, and tells nobody's key. */
  readonly client: string;
  /** Nobody waits for it: a title, a summary. It may be answered by another model than the one it names. */
  readonly isBackground: boolean;
  /** The client's conversation; left out or null: not said. */
  readonly session?: string | null;
}

export const backgroundHeader = "x-mlx-manager-background";

/**
 * Clients are told apart by their key, their program and their address: what else there is they may share.
 * @param keyId of the named key that came with it.
 */
export function askerOf(headers: IncomingHttpHeaders, address: string | undefined, keyId: string | null): Asker {
  const secrets = [headers.authorization, headers["x-api-key"]];
  const isSaid = keyId === null && secrets.some((secret) => secret !== undefined);
  const key = isSaid ? hash("sha256", JSON.stringify(secrets), "base64url").slice(0, 16) : (keyId ?? "");
  const client = `${key} ${headers["user-agent"] ?? ""} ${address ?? ""}`;
  const said = headers[backgroundHeader];
  return { client, isBackground: said === "true" || said === "1" };
}

/**
 * The program of a `user-agent` by its first word, without its version: `claude-cli/2.0 (external)` is `claude-cli`, but
 * `OpenAI/JS 5.1` stays whole. Null when it names nothing that fits a log.
 */
export function programOf(userAgent: string | undefined): string | null {
  const [first = ""] = (userAgent ?? "").trim().split(/\s+/, 1);
  const name = first.replace(/\/v?\d.*$/, "");
  return /^[A-Za-z0-9@._/-]{1,60}$/.test(name) ? name : null;
}

import type { Exchange } from "./exchange.ts";
import { redirect, refuse } from "./exchange.ts";
import type { Account } from "./repo-definition.ts";
import type { Repository } from "./repository.ts";

/** Who asks: nobody, an account, or somebody with a token nobody knows. */
export function callerOf({ state, request }: Exchange): Account | "anonymous" | "invalid" {
  const header = request.headers.authorization;
  if (header === undefined) return "anonymous";
  const token = /^Bearer (.+)$/i.exec(header)?.[1];
  return (token === undefined ? undefined : state.tokens.get(token)) ?? "invalid";
}

/** A bad token is refused everywhere, also for public repositories and lists. True = the caller may go on. */
export function acceptsToken(exchange: Exchange): boolean {
  if (callerOf(exchange) !== "invalid") return true;
  refuse(exchange, 401, undefined, "Invalid credentials in Authorization header");
  return false;
}

/** Whether the caller may know that the repository exists. */
export function canSee(exchange: Exchange, { definition }: Repository): boolean {
  const caller = callerOf(exchange);
  if (!definition.private) return true;
  if (typeof caller === "string") return false;
  return definition.id.startsWith(`${caller.name}/`) || (caller.reads ?? []).includes(definition.id);
}

/**
 * The repository, or an answer in its place. Missing and private look the same: 401 to strangers, 404 to accounts.
 */
export function visibleRepository(exchange: Exchange, id: string): Repository | undefined {
  const repository = exchange.state.repositories.get(id);
  exchange.record.repo = id;
  if (!acceptsToken(exchange)) return undefined;
  const present = repository ? undefined : presentId(exchange, id);
  if (present) {
    const { path, query } = exchange.record;
    redirect(exchange, 307, path.replace(id, present) + (query.size > 0 ? `?${query}` : ""));
    return undefined;
  }
  if (!repository || !canSee(exchange, repository)) {
    if (callerOf(exchange) !== "anonymous") refuse(exchange, 404, "RepoNotFound", "Repository not found");
    else {
      const challenge = { "www-authenticate": 'Bearer realm="Authentication required", charset="UTF-8"' };
      refuse(exchange, 401, "RepoNotFound", "Invalid username or password.", challenge);
    }
    return undefined;
  }
  if (repository.definition.disabled) {
    refuse(exchange, 403, undefined, "Access to this resource is disabled.");
    return undefined;
  }
  return repository;
}

/** Today's id of a renamed repository, or of one asked for in another case. */
function presentId(exchange: Exchange, id: string): string | undefined {
  for (const repository of exchange.state.repositories.values()) {
    const { definition } = repository;
    const isMeant = definition.renamedFrom?.includes(id) ?? false;
    if ((isMeant || definition.id.toLowerCase() === id.toLowerCase()) && canSee(exchange, repository)) {
      return definition.id;
    }
  }
  return undefined;
}

/** Gating concerns the content only: info and file lists stay open. True = the caller may read. */
export function mayRead(exchange: Exchange, { definition }: Repository): boolean {
  if (!definition.gated) return true;
  const caller = callerOf(exchange);
  if (caller === "anonymous" || caller === "invalid") {
    const message =
      `Access to model ${definition.id} is restricted. ` +
      "You must have access to it and be authenticated to access it. Please log in.";
    refuse(exchange, 401, "GatedRepo", message);
    return false;
  }
  if (definition.id.startsWith(`${caller.name}/`) || (caller.accepted ?? []).includes(definition.id)) return true;
  const page = new URL(`/${definition.id}`, exchange.state.url()).href;
  const message =
    `Access to model ${definition.id} is restricted and you are not in the authorized list. ` +
    `Visit ${page} to ask for access.`;
  refuse(exchange, 403, "GatedRepo", message);
  return false;
}

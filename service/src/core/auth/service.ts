import type { RequestHandler } from "express";
import { routes } from "../../contract/routes.ts";
import { AppError } from "../../platform/errors.ts";
import { grant } from "../../platform/http/context.ts";
import type { Scope } from "../../platform/http/context.ts";
import { isSameKey, keyOf } from "./keys.ts";

export interface Auth {
  /** Whether every route needs a key: a master key is set (named keys come later). */
  isLocked(): boolean;
  /** The scope of a key, or null when it is none of ours. */
  scopeOf(key: string): Scope | null;
}

export interface AuthDependencies {
  /** `MLX_MANAGER_API_KEY`; null leaves the API open to loopback. */
  readonly masterKey: string | null;
  readonly adminKey: string;
}

export function createAuth({ masterKey, adminKey }: AuthDependencies): Auth {
  return {
    isLocked: () => masterKey !== null,
    scopeOf(key) {
      // Both are always compared, so that the time does not tell which kind of key was close.
      const isMaster = masterKey !== null && isSameKey(key, masterKey);
      const isAdmin = isSameKey(key, adminKey);
      return isMaster || isAdmin ? "admin" : null;
    },
  };
}

/**
 * Asks for the key where one is needed. Free: `GET /api/health` and `HEAD`, which is answered here, empty; but below
 * `/hub` it is a question like any other, since clients of the Hub ask so for a file's size and checksum.
 */
export function requireKey(auth: Auth): RequestHandler {
  return (request, response, next) => {
    if (request.method === "HEAD" && !/^\/hub(\/|$)/i.test(request.path)) {
      response.status(200).end();
      return;
    }
    const key = keyOf(request.headers, request.path.startsWith("/v1"));
    const scope = key === null ? null : auth.scopeOf(key);
    if (!auth.isLocked()) {
      grant(request, scope, true);
      return next();
    }
    grant(request, scope, scope !== null);
    if (scope !== null || (request.method === "GET" && request.path === routes.getHealth.path)) return next();
    response.setHeader("www-authenticate", "Bearer");
    throw new AppError(
      "unauthorized",
      key === null ? "This needs the API key. Send it as Authorization: Bearer <key>." : "The API key is not valid.",
    );
  };
}

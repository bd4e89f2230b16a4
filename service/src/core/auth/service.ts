import type { RequestHandler } from "express";
import { routes } from "../../contract/routes.ts";
import { AppError } from "../../platform/errors.ts";
import { grant } from "../../platform/http/context.ts";
import type { RequestKey, Scope } from "../../platform/http/context.ts";
import { isInferenceRoute } from "./inference-routes.ts";
import { isSameKey, keyOf } from "./keys.ts";
import type { NamedKeys } from "./named-keys.ts";

export interface Auth {
  /** Whether every route needs a key: a master key is set, or a named one exists. */
  isLocked(): boolean;
  /** What a key opens, or null when it is none of ours. `key`: what else is laid down for a named one. */
  recognize(key: string): Recognized | null;
}

export interface Recognized {
  readonly scope: Scope;
  readonly key: RequestKey | null;
}

export interface AuthDependencies {
  /** `MLX_MANAGER_API_KEY`; null leaves the API open to loopback as long as there is no named key. */
  readonly masterKey: string | null;
  readonly adminKey: string;
  readonly keys: Pick<NamedKeys, "exist" | "find">;
}

export function createAuth({ masterKey, adminKey, keys }: AuthDependencies): Auth {
  return {
    isLocked: () => masterKey !== null || keys.exist(),
    recognize(key) {
      // Both are always compared, so that the time does not tell which kind of key was close.
      const isMaster = masterKey !== null && isSameKey(key, masterKey);
      const isAdmin = isSameKey(key, adminKey);
      return isMaster || isAdmin ? { scope: "admin", key: null } : keys.find(key);
    },
  };
}

/**
 * Asks for the key where one is needed. Free: `GET /api/health` and `HEAD`, which is answered here, empty; but below
 * `/hub` it is a question like any other, since clients of the Hub ask so for a file's size and checksum. A key for
 * inference opens the routes that ask models, and no others.
 */
export function requireKey(auth: Auth): RequestHandler {
  return (request, response, next) => {
    if (request.method === "HEAD" && !/^\/hub(\/|$)/i.test(request.path)) {
      response.status(200).end();
      return;
    }
    const isInference = isInferenceRoute(request.method, request.path);
    const given = keyOf(request.headers, isInference && !/^\/hub(\/|$)/i.test(request.path));
    const known = given === null ? null : auth.recognize(given);
    const { scope, key } = known ?? { scope: null, key: null };
    grant(request, { scope, key, trusted: known !== null || !auth.isLocked() });
    if (!auth.isLocked()) return next();
    if (request.method === "GET" && request.path === routes.getHealth.path) return next();
    if (scope === "admin" || (scope === "inference" && isInference)) return next();
    if (scope !== null)
      throw new AppError("forbidden", "This API key is for asking models alone. Use a key with the scope admin.");
    response.setHeader("www-authenticate", "Bearer");
    throw new AppError(
      "unauthorized",
      given === null ? "This needs the API key. Send it as Authorization: Bearer <key>." : "The API key is not valid.",
    );
  };
}

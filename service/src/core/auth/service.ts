import { timingSafeEqual } from "node:crypto";
import { routes } from "../../contract/routes.ts";
import { AppError } from "../../platform/errors.ts";
import { grant } from "../../platform/http/context.ts";
import type { RequestKey, Scope } from "../../platform/http/context.ts";
import type { DoorCheck } from "../../platform/http/front-door.ts";
import { isInferenceRoute } from "./inference-routes.ts";
import { hashOf, keyOf } from "./keys.ts";
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
  const masterHash = masterKey === null ? null : hashOf(masterKey);
  const adminHash = hashOf(adminKey);
  return {
    isLocked: () => masterKey !== null || keys.exist(),
    recognize(key) {
      const hash = hashOf(key);
      // Both are always compared, so that the time does not tell which kind of key was close.
      const isMaster = masterHash !== null && timingSafeEqual(hash, masterHash);
      const isAdmin = timingSafeEqual(hash, adminHash);
      return isMaster || isAdmin ? { scope: "admin", key: null } : keys.find(hash);
    },
  };
}

/**
 * Asks for the key where one is needed. Free: `GET /api/health` and `HEAD`, which is answered here, empty; but below
 * `/hub` it is a question like any other, since clients of the Hub ask so for a file's size and checksum. A key for
 * inference opens the routes that ask models, and no others.
 */
export function requireKey(auth: Auth): DoorCheck {
  return (request, response, path) => {
    const { method = "GET" } = request;
    const isHub = /^\/hub(\/|$)/i.test(path);
    if (method === "HEAD" && !isHub) {
      response.end();
      return true;
    }
    const isInference = isInferenceRoute(method, path);
    const given = keyOf(request.headers, isInference && !isHub);
    const known = given === null ? null : auth.recognize(given);
    const { scope, key } = known ?? { scope: null, key: null };
    grant(request, { scope, key, trusted: known !== null || !auth.isLocked() });
    if (!auth.isLocked()) return false;
    if (method === "GET" && path === routes.getHealth.path) return false;
    if (scope === "admin" || (scope === "inference" && isInference)) return false;
    if (scope !== null)
      throw new AppError("forbidden", "This API key is for asking models alone. Use a key with the scope admin.");
    response.setHeader("www-authenticate", "Bearer");
    throw new AppError(
      "unauthorized",
      given === null ? "This needs the API key. Send it as Authorization: Bearer <key>." : "The API key is not valid.",
    );
  };
}

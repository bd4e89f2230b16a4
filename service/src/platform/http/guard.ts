import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { AppError } from "../errors.ts";
import type { DoorCheck } from "./front-door.ts";

export interface GuardOptions {
  /** Names this service answers to, besides loopback ones; without port. */
  readonly hosts: readonly string[];
  /** Further browser origins, as `scheme://host[:port]`. */
  readonly origins: readonly string[];
}

/** Host of a `Host` header without its port; null when it is no host at all. */
export function hostName(header: string | undefined): string | null {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:\s/]+)(?::\d{1,5})?$/.exec(header ?? "");
  return match?.[1]?.toLowerCase().replace(/^\[|\]$/g, "") ?? null;
}

/** What a page may read of an answer's head besides the usual: who answered, and what could be done of a wish. */
const exposedHeaders = [
  ...["x-request-id", "retry-after", "x-mlx-manager-model", "x-mlx-manager-route"],
  ...["x-mlx-manager-format", "x-mlx-manager-token-count"],
].join(", ");

/** Loopback by name or address. A foreign name that resolves to loopback (DNS rebinding) is not. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host.endsWith(".localhost") || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}

export function isHostAllowed(header: string | undefined, options: GuardOptions): boolean {
  const host = hostName(header);
  return host !== null && (isLoopback(host) || options.hosts.includes(host));
}

/** Allowed when absent, the service's own (the very Host that was asked), or listed. `null` never is. */
export function isOriginAllowed(origin: string | undefined, host: string | undefined, options: GuardOptions): boolean {
  if (origin === undefined) return true;
  return origin === `http://${host ?? ""}` || options.origins.includes(origin);
}

/** Keeps web pages out: foreign Host 403 `forbidden_host`, foreign Origin 403 `forbidden_origin`; CORS for the allowed. */
export function guard(options: GuardOptions): DoorCheck {
  return (request, response) => {
    if (!isHostAllowed(request.headers.host, options)) {
      throw new AppError(
        "forbidden_host",
        "This host name is not allowed. Add it to MLX_MANAGER_ALLOWED_HOSTS to allow it.",
      );
    }
    const origin = request.headers.origin;
    if (!isOriginAllowed(origin, request.headers.host, options)) {
      throw new AppError(
        "forbidden_origin",
        "This web origin is not allowed. Add it to MLX_MANAGER_ALLOWED_ORIGINS to allow it.",
      );
    }
    if (origin !== undefined) {
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("vary", "Origin");
      response.setHeader("access-control-expose-headers", exposedHeaders);
    }
    if (request.method !== "OPTIONS") return false;
    response.setHeader("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS");
    response.setHeader("access-control-allow-headers", allowedHeaders(request.headers));
    response.appendHeader("vary", "access-control-request-headers");
    response.setHeader("access-control-max-age", "600");
    response.writeHead(204).end();
    return true;
  };
}

/** What a page of an allowed origin asks to send: each protocol's client brings headers of its own. */
function allowedHeaders(headers: IncomingHttpHeaders): string {
  const asked = headers["access-control-request-headers"] ?? "";
  const isList = asked.length < 4000 && /^[\w-]+(?:\s*,\s*[\w-]+)*$/.test(asked);
  return isList ? asked : "authorization, content-type, x-api-key, last-event-id";
}

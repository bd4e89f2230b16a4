import type { ErrorCode } from "../../contract/error.ts";
import { AppError, systemCode } from "../../platform/errors.ts";
import { ToolError } from "./run-tool.ts";

/** What uv, pip and Python print when something outside goes wrong, the more telling first. */
const explanations: readonly (readonly [pattern: RegExp, code: ErrorCode, message: string])[] = [
  [
    /No space left|ENOSPC|os error 28|Disk quota exceeded/i,
    "disk_full",
    "The disk is full. Free about 1 GB, then install again.",
  ],
  [
    /hash mismatch|DO NOT MATCH THE HASHES|extract archive|failed to unzip|invalid zip|bad CRC|BadZipFile/i,
    "checksum_mismatch",
    "A file from the package index is not the one we pin. Check the package index or the proxy between, then install again.",
  ],
  [
    /invalid peer certificate|certificate verify failed|CERTIFICATE_VERIFY_FAILED|UnknownIssuer|SSLError|TLS handshake/i,
    "tls_failed",
    "The certificate of the package index is not trusted. Set SSL_CERT_FILE to your certificate file, then install again.",
  ],
  [
    /ProxyError|Cannot connect to proxy|tunnel(?:ing)? (?:error|failed|unsuccessful)|Proxy Authentication Required|proxy connect/i,
    "proxy_failed",
    "The proxy does not let us to the package index. Check HTTPS_PROXY, then install again.",
  ],
  [
    /\b(?:401|403)\b.*(?:Unauthorized|Forbidden|Client Error)|(?:Unauthorized|Forbidden)/i,
    "engine_failed",
    "The package index refused the user name or password. Check them in the configuration of pip or uv, then install again.",
  ],
  [
    /error sending request|Failed to (?:fetch|download)|Could not connect|Connection refused|Connection reset|timed out|Name or service not known|Temporary failure|NewConnectionError|dns error|Network is unreachable|Could not fetch/i,
    "hub_unreachable",
    "The package index cannot be reached, or lacks a package. Check the network, proxy and index, then install again.",
  ],
  [
    /not found in the package registry|No solution found|No matching distribution/i,
    "engine_failed",
    "The package index lacks a package of the engine. Check which index pip or uv is told to use, then install again.",
  ],
];

/** What a person can do about it. Errors that are already for people stay as they are. */
export function explainInstallFailure(error: unknown): unknown {
  if (systemCode(error) === "ENOSPC" || systemCode(error) === "EDQUOT") return explain(explanations[0], error);
  if (systemCode(error) === "EACCES" || systemCode(error) === "EROFS") {
    const message = "The engines folder cannot be written. Check its permissions or MLX_MANAGER_ENGINES_PATH.";
    return new AppError("engine_failed", message, { cause: error });
  }
  if (!(error instanceof ToolError)) return error;
  return explain(
    explanations.find(([pattern]) => pattern.test(error.output)),
    error,
  );
}

function explain(found: (typeof explanations)[number] | undefined, cause: unknown): AppError {
  const [, code, message] = found ?? [
    null,
    "engine_failed",
    "The engine could not be installed. See the log of its job.",
  ];
  return new AppError(code as ErrorCode, message as string, { cause });
}

import { readFileSync, existsSync } from "node:fs";
import { join } from "node:path";

/** Where packages come from and by which way, as the user told pip or uv. Addresses may hold credentials: never log them. */
export interface PackageIndex {
  readonly url: string | null;
  readonly extraUrls: readonly string[];
  readonly certificate: string | null;
  readonly proxy: string | null;
}

/**
 * Reads the user's configuration: variables of uv, then of pip, then pip's configuration files in pip's order. uv does
 * not read pip's files, so what they say is handed to it as variables.
 */
export function readPackageIndex(environment: Readonly<Record<string, string>>): PackageIndex {
  const file = pipFiles(environment)
    .map(readPipFile)
    .reduce((all, one) => ({ ...all, ...one }), {});
  const first = (...values: (string | undefined)[]) =>
    values.find((value) => value !== undefined && value !== "") ?? null;
  const extra = first(environment["UV_EXTRA_INDEX_URL"], environment["PIP_EXTRA_INDEX_URL"], file["extra-index-url"]);
  return {
    url: first(
      environment["UV_DEFAULT_INDEX"],
      environment["UV_INDEX_URL"],
      environment["PIP_INDEX_URL"],
      file["index-url"],
    ),
    extraUrls: extra === null ? [] : extra.split(/\s+/).filter((url) => url !== ""),
    certificate: first(
      environment["SSL_CERT_FILE"],
      environment["PIP_CERT"],
      environment["REQUESTS_CA_BUNDLE"],
      file["cert"],
    ),
    proxy: first(environment["HTTPS_PROXY"], environment["https_proxy"], environment["PIP_PROXY"], file["proxy"]),
  };
}

/** The environment for uv and pip: the child's own, with what their configuration files say made explicit. */
export function toolEnvironment(
  environment: Readonly<Record<string, string>>,
  index: PackageIndex,
): Record<string, string> {
  return {
    ...environment,
    UV_SYSTEM_CERTS: "1",
    UV_NO_PROGRESS: "1",
    UV_LINK_MODE: environment["UV_LINK_MODE"] ?? "copy",
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    PIP_NO_INPUT: "1",
    PYTHONNOUSERSITE: "1",
    ...(index.url === null ? {} : { UV_DEFAULT_INDEX: index.url, PIP_INDEX_URL: index.url }),
    ...(index.extraUrls.length === 0
      ? {}
      : { UV_INDEX: index.extraUrls.join(" "), PIP_EXTRA_INDEX_URL: index.extraUrls.join(" ") }),
    ...(index.certificate === null ? {} : { SSL_CERT_FILE: index.certificate, PIP_CERT: index.certificate }),
    ...(index.proxy === null ? {} : { HTTPS_PROXY: index.proxy }),
  };
}

/** Global, user and named configuration of pip, the later wins (pip's documented order). */
function pipFiles(environment: Readonly<Record<string, string>>): string[] {
  const home = environment["HOME"] ?? "/";
  const named = environment["PIP_CONFIG_FILE"];
  return [
    "/etc/pip.conf",
    "/Library/Application Support/pip/pip.conf",
    join(home, ".pip", "pip.conf"),
    join(environment["XDG_CONFIG_HOME"] ?? join(home, ".config"), "pip", "pip.conf"),
    join(home, "Library", "Application Support", "pip", "pip.conf"),
    ...(named === undefined ? [] : [named]),
  ].filter((path) => path !== "/dev/null" && existsSync(path));
}

/** Keys of the sections `[global]` and `[install]`. Continued lines (several extra indexes) are joined by spaces. */
function readPipFile(path: string): Record<string, string> {
  const keys: Record<string, string> = {};
  let isRead = false;
  let last: string | null = null;
  for (const line of readFileSync(path, "utf8").split(/\r?\n/)) {
    const section = /^\[(.+)\]\s*$/.exec(line)?.[1];
    const pair = /^([A-Za-z_-]+)\s*[=:]\s*(.*)$/.exec(line);
    if (section !== undefined) isRead = section === "global" || section === "install";
    else if (!isRead || /^\s*[#;]/.test(line)) continue;
    else if (pair) {
      last = (pair[1] ?? "").replaceAll("_", "-").toLowerCase();
      keys[last] = (pair[2] ?? "").trim();
    } else if (/^\s+\S/.test(line) && last !== null) keys[last] = `${keys[last] ?? ""} ${line.trim()}`.trim();
  }
  return keys;
}

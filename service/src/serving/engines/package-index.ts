import { readPipConfiguration } from "./pip-configuration.ts";
import { readUvIndex } from "./uv-configuration.ts";

type Environment = Readonly<Record<string, string>>;

/** Where packages come from and by which way, as the user told uv or pip. Addresses may hold credentials: never log them. */
export interface PackageIndex {
  /** Null: the public one. */
  readonly url: string | null;
  readonly extraUrls: readonly string[];
  /** Folders or pages that are looked through besides the index. */
  readonly links: readonly string[];
  readonly noIndex: boolean;
  readonly trustedHosts: readonly string[];
  readonly certificate: string | null;
  readonly proxy: { readonly https: string | null; readonly http: string | null; readonly noProxy: string };
}

/**
 * Reads the user's configuration: what is said to uv, then what is said to pip; each by variables before files. A
 * company's machine often has one of the two set up, and which one we use is not the user's concern.
 */
export function readPackageIndex(environment: Environment): PackageIndex {
  const pip = readPipConfiguration(environment);
  const first = (...values: (string | null | undefined)[]): string | null =>
    values.find((value) => value !== undefined && value !== null && value.trim() !== "")?.trim() ?? null;
  const list = (...values: (string | undefined)[]): string[] => (first(...values) ?? "").split(/\s+/).filter(Boolean);
  const anyCase = (name: string) => [environment[name.toLowerCase()], environment[name]];
  const every = first(...anyCase("ALL_PROXY"));
  const ownProxy = first(environment["PIP_PROXY"], pip["proxy"]);
  return {
    url: first(
      ...[environment["UV_DEFAULT_INDEX"], environment["UV_INDEX_URL"], readUvIndex(environment)],
      ...[environment["PIP_INDEX_URL"], pip["index-url"]],
    ),
    extraUrls: list(environment["UV_EXTRA_INDEX_URL"], environment["PIP_EXTRA_INDEX_URL"], pip["extra-index-url"]),
    links: list(environment["UV_FIND_LINKS"]?.replaceAll(",", " "), environment["PIP_FIND_LINKS"], pip["find-links"]),
    noIndex: /^(1|true|yes|on)$/i.test(
      first(environment["UV_NO_INDEX"], environment["PIP_NO_INDEX"], pip["no-index"]) ?? "",
    ),
    trustedHosts: list(environment["UV_INSECURE_HOST"], environment["PIP_TRUSTED_HOST"], pip["trusted-host"]),
    certificate: first(
      ...[environment["SSL_CERT_FILE"], environment["PIP_CERT"], pip["cert"]],
      ...[environment["REQUESTS_CA_BUNDLE"], environment["CURL_CA_BUNDLE"]],
    ),
    proxy: {
      https: first(...anyCase("HTTPS_PROXY"), ownProxy, every),
      http: first(...anyCase("HTTP_PROXY"), ownProxy, every),
      noProxy: first(...anyCase("NO_PROXY")) ?? "",
    },
  };
}

/** Settings of the caller's own work that would bend an installation: another target, another Python, other pins. */
const dropped = new Set([
  ...["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__"],
  ...["PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIREMENT", "PIP_CONSTRAINT", "PIP_DRY_RUN"],
  ...["PIP_REQUIRE_VIRTUALENV", "PIP_NO_BINARY", "PIP_ONLY_BINARY", "PIP_PYTHON", "PIP_QUIET", "PIP_REPORT"],
  ...["UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_CONSTRAINT", "UV_OVERRIDE", "UV_NO_BINARY", "UV_NO_BINARY_PACKAGE"],
  ...["UV_PROJECT_ENVIRONMENT", "UV_VENV_SEED", "UV_WORKING_DIR", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_LOCKED"],
]);

/** The environment for uv and pip: the child's own, with what either's configuration says made plain to both. */
export function toolEnvironment(environment: Environment, index: PackageIndex): Record<string, string> {
  const { url, extraUrls, links, noIndex, trustedHosts, certificate, proxy } = index;
  const kept = Object.entries(environment).filter(([name]) => !dropped.has(name));
  const set = (names: readonly string[], value: string | null): Record<string, string> =>
    value === null || value === "" ? {} : Object.fromEntries(names.map((name) => [name, value]));
  return {
    ...Object.fromEntries(kept),
    // Both names: the second is the one that older releases know.
    ...{ UV_SYSTEM_CERTS: "1", UV_NATIVE_TLS: "1", UV_NO_PROGRESS: "1", NO_COLOR: "1" },
    ...{ PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_INPUT: "1", PIP_PROGRESS_BAR: "off", PYTHONNOUSERSITE: "1" },
    ...{ PYTHONUNBUFFERED: "1", LC_ALL: "C.UTF-8" },
    ...set(["UV_DEFAULT_INDEX", "PIP_INDEX_URL"], url),
    ...set(["PIP_EXTRA_INDEX_URL"], extraUrls.join(" ")),
    ...set(["UV_INDEX"], [environment["UV_INDEX"] ?? "", ...extraUrls].join(" ").trim()),
    ...set(["PIP_FIND_LINKS"], links.join(" ")),
    ...set(["UV_FIND_LINKS"], links.join(",")),
    ...set(["PIP_NO_INDEX"], noIndex ? "1" : null),
    // As pip looks at all indexes; the hashes of the lock make that safe.
    ...(extraUrls.length === 0 ? {} : { UV_INDEX_STRATEGY: environment["UV_INDEX_STRATEGY"] ?? "unsafe-best-match" }),
    ...set(["PIP_TRUSTED_HOST", "UV_INSECURE_HOST"], trustedHosts.join(" ")),
    ...set(["SSL_CERT_FILE", "PIP_CERT"], certificate),
    ...set(["HTTPS_PROXY", "https_proxy"], proxy.https),
    ...set(["HTTP_PROXY", "http_proxy"], proxy.http),
  };
}

/** Every address of the configuration that may hold a password. */
export function secretAddresses({ url, extraUrls, links, proxy }: PackageIndex): (string | null)[] {
  return [url, ...extraUrls, ...links, proxy.https, proxy.http];
}

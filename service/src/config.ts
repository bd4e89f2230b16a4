import { isIP } from "node:net";
import { homedir, hostname } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import * as z from "zod";
import type { FixedSettings } from "./core/settings/index.ts";
import { isLoopback } from "./platform/http/guard.ts";

/** Everything the environment decides, read once. Absolute paths, no trailing slashes. */
export interface Config {
  readonly home: string;
  readonly databasePath: string;
  readonly enginesPath: string;
  readonly logsPath: string;
  /** Models that were made here, by conversions. */
  readonly modelsPath: string;
  readonly runPath: string;
  /** Linux keeps secrets there; macOS in the Keychain. */
  readonly secretsPath: string;
  readonly host: string;
  readonly port: number;
  readonly apiKey: string | null;
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
  readonly hubCachePath: string;
  /** Where other programs keep plain folders of models. */
  readonly importFolders: readonly string[];
  readonly hubEndpoint: string;
  /** Token by variable, and the file where Python's client keeps one. */
  readonly hubToken: string | null;
  readonly hubTokenPath: string;
  readonly offline: boolean;
  readonly debug: boolean;
  /** May hold user and password: never shown. */
  readonly proxy: {
    readonly http: string | null;
    readonly https: string | null;
    readonly noProxy: string | null;
  } | null;
  readonly caFile: string | null;
  readonly fixedSettings: FixedSettings;
  /** What child processes inherit; secrets are not in it. */
  readonly childEnvironment: Readonly<Record<string, string>>;
}

/** A variable that cannot be used: the service does not start. `message` names variable, value and what is allowed. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws ConfigError */
export function readConfig(environment: Environment): Config {
  const text = (name: string): string | null => {
    const value = environment[name]?.trim();
    return value === undefined || value === "" ? null : value;
  };
  const userHome = text("HOME") ?? homedir();
  const path = (name: string, fallback: string): string => ownPath(name, text(name), fallback, userHome);
  const home = path("MLX_MANAGER_HOME", join(userHome, ".mlx-manager"));
  const host = readHost(text("MLX_MANAGER_HOST") ?? "127.0.0.1");
  const apiKey = readKey(text("MLX_MANAGER_API_KEY"));
  if (!isLoopback(host) && apiKey === null) {
    throw wrong("MLX_MANAGER_HOST", host, "a loopback address as long as MLX_MANAGER_API_KEY is not set");
  }
  const hub = readHub(environment, userHome, text);
  const port = readInteger("MLX_MANAGER_PORT", text("MLX_MANAGER_PORT"), 0, 65_535) ?? 10_242;
  return Object.freeze({
    ...{ home, host, port, apiKey, ...hub, hubCachePath: path("MLX_MANAGER_HF_CACHE_PATH", hub.hubCachePath) },
    databasePath: path("MLX_MANAGER_DATABASE_PATH", join(home, "mlx-manager.db")),
    enginesPath: path("MLX_MANAGER_ENGINES_PATH", join(home, "engines")),
    logsPath: join(home, "logs"),
    modelsPath: join(home, "models"),
    runPath: join(home, "run"),
    importFolders: [".lmstudio/models", ".cache/lm-studio/models"].map((folder) => join(userHome, folder)),
    secretsPath: join(home, "secrets.json"),
    allowedOrigins: readOrigins(text("MLX_MANAGER_ALLOWED_ORIGINS")),
    allowedHosts: readHosts(text("MLX_MANAGER_ALLOWED_HOSTS"), host),
    debug: readSwitch("MLX_MANAGER_DEBUG", text("MLX_MANAGER_DEBUG")) ?? false,
    caFile: text("SSL_CERT_FILE") ?? text("REQUESTS_CA_BUNDLE") ?? text("CURL_CA_BUNDLE"),
    fixedSettings: readFixedSettings(environment, text),
    childEnvironment: Object.freeze(withoutSecrets(environment)),
  });
}

/** As Python's huggingface_hub reads it, so that both find the same cache, token and Hub. */
function readHub(environment: Environment, userHome: string, text: (name: string) => string | null) {
  const path = (value: string | null, fallback: string): string =>
    value === null ? fallback : resolve(expand(value, userHome, environment));
  const hubHome = path(text("HF_HOME"), join(path(text("XDG_CACHE_HOME"), join(userHome, ".cache")), "huggingface"));
  const offline = readSwitch("MLX_MANAGER_OFFLINE_MODE", text("MLX_MANAGER_OFFLINE_MODE"));
  return {
    hubCachePath: path(text("HF_HUB_CACHE") ?? text("HUGGINGFACE_HUB_CACHE"), join(hubHome, "hub")),
    hubEndpoint: readEndpoint(text("HF_ENDPOINT")),
    hubToken: text("HF_TOKEN") ?? text("HUGGING_FACE_HUB_TOKEN"),
    hubTokenPath: path(text("HF_TOKEN_PATH"), join(hubHome, "token")),
    // Python's own switches count too: a person who set one means every program on this machine.
    offline: offline ?? /^(1|on|yes|true)$/i.test(text("HF_HUB_OFFLINE") ?? text("TRANSFORMERS_OFFLINE") ?? ""),
    proxy: readProxy(environment, text),
  };
}

/**
 * Lower case wins and an empty one switches the upper case off, `ALL_PROXY` stands in for either scheme; as in Python
 * and curl.
 */
function readProxy(environment: Environment, text: (name: string) => string | null): Config["proxy"] {
  const variableOf = (name: string): string =>
    environment[name.toLowerCase()] === undefined ? name : name.toLowerCase();
  const find = (name: string): string | null => {
    const value = text(variableOf(name));
    return value === null ? null : proxyAddress(variableOf(name), value);
  };
  // Set for all programs, often to a kind of proxy that others need: no reason to refuse to start.
  const all = text(variableOf("ALL_PROXY"));
  const standIn = all !== null && /^(https?|socks5?h?):\/\//i.test(all) ? find("ALL_PROXY") : null;
  const https = find("HTTPS_PROXY") ?? standIn;
  const http = find("HTTP_PROXY") ?? standIn;
  return https === null && http === null ? null : { http, https, noProxy: text(variableOf("NO_PROXY")) };
}

/** A user or password that cannot be decoded is found here, where the message does not show it. */
function proxyAddress(variable: string, value: string): string {
  const address = (value.includes("://") ? value : `http://${value}`).replace(/^socks:/i, "socks5:");
  const url = URL.parse(address);
  const isKnown = /^(https?|socks5h?):$/.test(url?.protocol ?? "") && url?.hostname !== "";
  if (isKnown && isDecodable(`${url?.username}${url?.password}`)) return address;
  throw wrong(variable, value.replace(/\/\/.*@|^.*@/, "//…@"), "the http, https or socks5 address of a proxy");
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

function readFixedSettings(environment: Environment, text: (name: string) => string | null): FixedSettings {
  // Empty is a value here: it means "all authors".
  const author = environment["MLX_MANAGER_HF_ORGANIZATION"]?.trim();
  const portStart = readInteger("MLX_MANAGER_DEFAULT_PORT_START", text("MLX_MANAGER_DEFAULT_PORT_START"), 1024, 65_000);
  const interval = readInteger("MLX_MANAGER_HEALTH_CHECK_INTERVAL", text("MLX_MANAGER_HEALTH_CHECK_INTERVAL"), 1, 3600);
  return {
    ...(author === undefined
      ? {}
      : { hubAuthor: { value: readAuthor(author), variable: "MLX_MANAGER_HF_ORGANIZATION" } }),
    ...(portStart === null ? {} : { portStart: { value: portStart, variable: "MLX_MANAGER_DEFAULT_PORT_START" } }),
    ...(interval === null
      ? {}
      : { healthCheckIntervalSeconds: { value: interval, variable: "MLX_MANAGER_HEALTH_CHECK_INTERVAL" } }),
  };
}

function wrong(variable: string, value: string, allowed: string): ConfigError {
  return new ConfigError(`${variable} is "${value}". Allowed: ${allowed}.`);
}

function ownPath(name: string, value: string | null, fallback: string, userHome: string): string {
  if (value === null) return fallback;
  const expanded = expand(value, userHome, {});
  if (!isAbsolute(expanded)) throw wrong(name, value, "an absolute path");
  return resolve(expanded);
}

/** `~`, `$NAME` and `${NAME}`; a name that is not set stays as written, as in Python. */
function expand(value: string, userHome: string, environment: Environment): string {
  const withHome = value === "~" || value.startsWith("~/") ? join(userHome, value.slice(1)) : value;
  return withHome.replace(
    /\$(?:(\w+)|\{(\w+)\})/g,
    (written: string, plain?: string, braced?: string) => environment[plain ?? braced ?? ""] ?? written,
  );
}

function readInteger(name: string, value: string | null, minimum: number, maximum: number): number | null {
  if (value === null) return null;
  const parsed = z.coerce.number().int().min(minimum).max(maximum).safeParse(value);
  if (!parsed.success || !/^\d+$/.test(value)) throw wrong(name, value, `a whole number from ${minimum} to ${maximum}`);
  return parsed.data;
}

function readSwitch(name: string, value: string | null): boolean | null {
  if (value === null) return null;
  const parsed = z.stringbool().safeParse(value);
  if (!parsed.success) throw wrong(name, value, "true or false");
  return parsed.data;
}

function readHost(value: string): string {
  const host = value.replace(/^\[|\]$/g, "").toLowerCase();
  if (!/^[A-Za-z0-9.:_-]+$/.test(host)) throw wrong("MLX_MANAGER_HOST", value, "an IP address or a host name");
  return host;
}

function readKey(value: string | null): string | null {
  if (value === null) return null;
  if (/^[\x21-\x7e]{8,512}$/.test(value)) return value;
  throw new ConfigError(
    "MLX_MANAGER_API_KEY is not shown here. Allowed: 8 to 512 visible ASCII characters without spaces.",
  );
}

function readOrigins(value: string | null): string[] {
  return list(value).map((origin) => {
    const url = URL.parse(origin);
    if (url === null || url.origin !== origin || !/^https?:$/.test(url.protocol)) {
      throw wrong("MLX_MANAGER_ALLOWED_ORIGINS", origin, "origins like http://localhost:3000, separated by commas");
    }
    return origin;
  });
}

function readHosts(value: string | null, host: string): string[] {
  const names = list(value).map((name) => {
    if (isIP(name) === 0 && !/^[A-Za-z0-9._-]+$/.test(name))
      throw wrong("MLX_MANAGER_ALLOWED_HOSTS", name, "host names without port, separated by commas");
    return name.toLowerCase();
  });
  if (isLoopback(host)) return names;
  const local = hostname()
    .toLowerCase()
    .replace(/\.local$/, "");
  return [...names, `${local}.local`, ...(host === "0.0.0.0" || host === "::" ? [] : [host])];
}

function readEndpoint(value: string | null): string {
  if (value === null) return "https://huggingface.co";
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) throw wrong("HF_ENDPOINT", value, "an http or https address");
  if (url.username !== "" || url.password !== "")
    throw new ConfigError(
      "HF_ENDPOINT holds a user or password. Allowed: an address without; a mirror's key goes into HF_TOKEN.",
    );
  return value.replace(/\/+$/, "");
}

function readAuthor(value: string): string {
  if (!/^[A-Za-z0-9_.-]{0,96}$/.test(value))
    throw wrong("MLX_MANAGER_HF_ORGANIZATION", value, "a Hub user or organization, or empty for all");
  return value;
}

function list(value: string | null): string[] {
  return (value ?? "")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** Children get what programs need to run, and nothing that opens a door. */
function withoutSecrets(environment: Environment): Record<string, string> {
  // uv's way to name an index' account; what serves models is given a far shorter list.
  const isIndexAccount = (name: string) => /^UV_INDEX_.+_(USERNAME|PASSWORD)$/.test(name);
  const isSecret = (name: string) =>
    /TOKEN(?!IZER)|SECRET|PASSWORD|PASSPHRASE|API_KEY|CREDENTIAL|^AWS_|_KEY$/i.test(name) ||
    name.startsWith("MLX_MANAGER_");
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && (!isSecret(entry[0]) || isIndexAccount(entry[0])),
    ),
  );
}

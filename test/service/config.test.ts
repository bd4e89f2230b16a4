import { hostname } from "node:os";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ConfigError, readConfig } from "../../service/src/config.ts";

const home = "/users/ada";
const read = (environment: Record<string, string> = {}) => readConfig({ HOME: home, ...environment });

function messageOf(environment: Record<string, string>): string {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "";
}

test("without a variable, every value is its default", () => {
  expect(read()).toEqual({
    home: `${home}/.mlx-manager`,
    databasePath: `${home}/.mlx-manager/mlx-manager.db`,
    enginesPath: `${home}/.mlx-manager/engines`,
    logsPath: `${home}/.mlx-manager/logs`,
    modelsPath: `${home}/.mlx-manager/models`,
    runPath: `${home}/.mlx-manager/run`,
    secretsPath: `${home}/.mlx-manager/secrets.json`,
    importFolders: [`${home}/.lmstudio/models`, `${home}/.cache/lm-studio/models`],
    host: "127.0.0.1",
    port: 10_242,
    apiKey: null,
    allowedOrigins: [],
    allowedHosts: [],
    hubCachePath: `${home}/.cache/huggingface/hub`,
    hubEndpoint: "https://huggingface.co",
    hubToken: null,
    hubTokenPath: `${home}/.cache/huggingface/token`,
    offline: false,
    debug: false,
    proxy: null,
    caFile: null,
    fixedSettings: {},
    childEnvironment: { HOME: home },
  });
});

describe("each variable is read", () => {
  test.each([
    ["MLX_MANAGER_DATABASE_PATH", "/data/some.db", { databasePath: "/data/some.db" }],
    ["MLX_MANAGER_ENGINES_PATH", "~/engines", { enginesPath: `${home}/engines` }],
    ["MLX_MANAGER_HOST", "::1", { host: "::1" }],
    ["MLX_MANAGER_HOST", "[::1]", { host: "::1" }],
    ["MLX_MANAGER_HOST", "LocalHost", { host: "localhost" }],
    ["MLX_MANAGER_PORT", "0", { port: 0 }],
    ["MLX_MANAGER_PORT", " 8080 ", { port: 8080 }],
    ["MLX_MANAGER_PORT", "", { port: 10_242 }],
    ["MLX_MANAGER_API_KEY", "a-long-key", { apiKey: "a-long-key" }],
    [
      "MLX_MANAGER_ALLOWED_ORIGINS",
      "http://localhost:3000, https://ui.example",
      { allowedOrigins: ["http://localhost:3000", "https://ui.example"] },
    ],
    [
      "MLX_MANAGER_ALLOWED_HOSTS",
      "Mac.local,,10.0.0.2,fd00::1",
      { allowedHosts: ["mac.local", "10.0.0.2", "fd00::1"] },
    ],
    [
      "MLX_MANAGER_HF_CACHE_PATH",
      "/big/cache",
      { hubCachePath: "/big/cache", hubTokenPath: `${home}/.cache/huggingface/token` },
    ],
    [
      "MLX_MANAGER_HF_ORGANIZATION",
      "apple",
      { fixedSettings: { hubAuthor: { value: "apple", variable: "MLX_MANAGER_HF_ORGANIZATION" } } },
    ],
    [
      "MLX_MANAGER_HF_ORGANIZATION",
      "",
      { fixedSettings: { hubAuthor: { value: "", variable: "MLX_MANAGER_HF_ORGANIZATION" } } },
    ],
    [
      "MLX_MANAGER_DEFAULT_PORT_START",
      "20000",
      { fixedSettings: { portStart: { value: 20_000, variable: "MLX_MANAGER_DEFAULT_PORT_START" } } },
    ],
    [
      "MLX_MANAGER_HEALTH_CHECK_INTERVAL",
      "5",
      { fixedSettings: { healthCheckIntervalSeconds: { value: 5, variable: "MLX_MANAGER_HEALTH_CHECK_INTERVAL" } } },
    ],
    ["MLX_MANAGER_OFFLINE_MODE", "true", { offline: true }],
    ["MLX_MANAGER_DEBUG", "1", { debug: true }],
    ["MLX_MANAGER_DEBUG", "off", { debug: false }],
    ["SSL_CERT_FILE", "/etc/ca.pem", { caFile: "/etc/ca.pem" }],
    ["REQUESTS_CA_BUNDLE", "/etc/ca.pem", { caFile: "/etc/ca.pem" }],
  ])("%s=%s", (variable, value, expected) => expect(read({ [variable]: value })).toMatchObject(expected));

  test("MLX_MANAGER_HOME moves everything that has no variable of its own", () => {
    expect(read({ MLX_MANAGER_HOME: "/data", MLX_MANAGER_ENGINES_PATH: "/shared/engines" })).toMatchObject({
      home: "/data",
      databasePath: "/data/mlx-manager.db",
      enginesPath: "/shared/engines",
      logsPath: "/data/logs",
      runPath: "/data/run",
    });
  });
});

describe("a wrong value stops the start and names variable, value and what is allowed:", () => {
  test.each([
    ["MLX_MANAGER_HOME", "relative/folder", "an absolute path"],
    ["MLX_MANAGER_DATABASE_PATH", "mlx.db", "an absolute path"],
    ["MLX_MANAGER_ENGINES_PATH", "./engines", "an absolute path"],
    ["MLX_MANAGER_HF_CACHE_PATH", "hub", "an absolute path"],
    ["MLX_MANAGER_HOST", "two words", "an IP address or a host name"],
    ["MLX_MANAGER_HOST", "http://localhost", "an IP address or a host name"],
    ["MLX_MANAGER_PORT", "65536", "a whole number from 0 to 65535"],
    ["MLX_MANAGER_PORT", "-1", "a whole number from 0 to 65535"],
    ["MLX_MANAGER_PORT", "80.5", "a whole number from 0 to 65535"],
    ["MLX_MANAGER_PORT", "0x50", "a whole number from 0 to 65535"],
    ["MLX_MANAGER_PORT", "http", "a whole number from 0 to 65535"],
    ["MLX_MANAGER_DEFAULT_PORT_START", "80", "a whole number from 1024 to 65000"],
    ["MLX_MANAGER_HEALTH_CHECK_INTERVAL", "0", "a whole number from 1 to 3600"],
    ["MLX_MANAGER_OFFLINE_MODE", "maybe", "true or false"],
    ["MLX_MANAGER_DEBUG", "2", "true or false"],
    ["MLX_MANAGER_ALLOWED_ORIGINS", "localhost:3000", "origins like http://localhost:3000, separated by commas"],
    [
      "MLX_MANAGER_ALLOWED_ORIGINS",
      "http://localhost:3000/",
      "origins like http://localhost:3000, separated by commas",
    ],
    ["MLX_MANAGER_ALLOWED_ORIGINS", "*", "origins like http://localhost:3000, separated by commas"],
    ["MLX_MANAGER_ALLOWED_HOSTS", "mac.local:80", "host names without port, separated by commas"],
    ["MLX_MANAGER_HF_ORGANIZATION", "a/b", "a Hub user or organization, or empty for all"],
    ["HF_ENDPOINT", "ftp://hub.example", "an http or https address"],
    ["HTTPS_PROXY", "socks4://proxy.example:1080", "the http, https or socks5 address of a proxy"],
  ])("%s=%s", (variable, value, allowed) => {
    expect(messageOf({ [variable]: value, MLX_MANAGER_API_KEY: "a-long-key" })).toBe(
      `${variable} is "${value}". Allowed: ${allowed}.`,
    );
  });

  test.each(["short", "with a space", "ключ-ключ"])("the API key %s, which is not shown", (key) => {
    const message = messageOf({ MLX_MANAGER_API_KEY: key });
    expect(message).toContain("MLX_MANAGER_API_KEY");
    expect(message).toContain("8 to 512");
    expect(message).not.toContain(key);
  });

  test("a proxy's password is not shown", () => {
    for (const address of ["socks4://ada:secret@proxy.example", "http://ada:s%ecret@proxy.example", "ada:secret@:80"]) {
      const message = messageOf({ HTTPS_PROXY: address });
      expect(message).toContain("//…@");
      expect(message).not.toMatch(/ada|s%?ecret/);
    }
  });

  test("an endpoint with a password is refused without showing it", () => {
    const message = messageOf({ HF_ENDPOINT: "https://ada:secret@mirror.example" });
    expect(message).toContain("HF_TOKEN");
    expect(message).not.toContain("secret");
  });
});

describe("off loopback", () => {
  test.each(["0.0.0.0", "::", "192.168.1.5", "mac.local"])("the host %s without a key is refused", (host) => {
    expect(messageOf({ MLX_MANAGER_HOST: host })).toBe(
      `MLX_MANAGER_HOST is "${host}". Allowed: a loopback address as long as MLX_MANAGER_API_KEY is not set.`,
    );
  });

  test("with a key, the machine's own names are allowed hosts", () => {
    const own = `${hostname()
      .toLowerCase()
      .replace(/\.local$/, "")}.local`;
    const environment = { MLX_MANAGER_API_KEY: "a-long-key", MLX_MANAGER_ALLOWED_HOSTS: "other" };
    expect(read({ ...environment, MLX_MANAGER_HOST: "0.0.0.0" }).allowedHosts).toEqual(["other", own]);
    expect(read({ ...environment, MLX_MANAGER_HOST: "Box.example" }).allowedHosts).toEqual([
      "other",
      own,
      "box.example",
    ]);
  });
});

describe("Python's variables are honoured as huggingface_hub does", () => {
  test.each([
    [{ HF_HUB_CACHE: "/a", HUGGINGFACE_HUB_CACHE: "/b", HF_HOME: "/c" }, "/a"],
    [{ HUGGINGFACE_HUB_CACHE: "/b", HF_HOME: "/c" }, "/b"],
    [{ HF_HOME: "/c", XDG_CACHE_HOME: "/d" }, "/c/hub"],
    [{ XDG_CACHE_HOME: "/d" }, "/d/huggingface/hub"],
    [{ HF_HOME: "~/hf" }, `${home}/hf/hub`],
    [{ HF_HOME: "$DISK/hf", DISK: "/disk" }, "/disk/hf/hub"],
    [{ HF_HUB_CACHE: "${DISK}/hub", DISK: "/disk" }, "/disk/hub"],
    [{ HF_HUB_CACHE: "/$UNSET/hub" }, "/$UNSET/hub"],
    [{ HF_HUB_CACHE: "relative" }, path.resolve("relative")],
    [{ HF_HUB_CACHE: "" }, `${home}/.cache/huggingface/hub`],
    [{ HF_HUB_CACHE: "/a", MLX_MANAGER_HF_CACHE_PATH: "/own" }, "/own"],
  ])("%j gives the cache %s", (environment, expected) =>
    expect(read(environment as unknown as Record<string, string>).hubCachePath).toBe(expected),
  );

  test("token and token file", () => {
    expect(read({ HF_TOKEN: " hf_a\n", HUGGING_FACE_HUB_TOKEN: "hf_b" }).hubToken).toBe("hf_a");
    expect(read({ HUGGING_FACE_HUB_TOKEN: "hf_b" }).hubToken).toBe("hf_b");
    expect(read({ HF_HOME: "/c" }).hubTokenPath).toBe("/c/token");
    expect(read({ HF_HOME: "/c", HF_TOKEN_PATH: "~/token" }).hubTokenPath).toBe(`${home}/token`);
  });

  test("the endpoint loses its trailing slashes", () => {
    expect(read({ HF_ENDPOINT: "https://hub.example/mirror//" }).hubEndpoint).toBe("https://hub.example/mirror");
  });

  test.each([
    [{ HF_HUB_OFFLINE: "1" }, true],
    [{ HF_HUB_OFFLINE: "Yes" }, true],
    [{ TRANSFORMERS_OFFLINE: "ON" }, true],
    [{ HF_HUB_OFFLINE: "0" }, false],
    [{ HF_HUB_OFFLINE: "enabled" }, false],
    [{ HF_HUB_OFFLINE: "1", MLX_MANAGER_OFFLINE_MODE: "false" }, false],
    [{ HF_HUB_OFFLINE: "0", MLX_MANAGER_OFFLINE_MODE: "true" }, true],
  ])("%j: offline is %s", (environment, offline) =>
    expect(read(environment as unknown as Record<string, string>).offline).toBe(offline),
  );

  test.each([
    [
      { HTTPS_PROXY: "http://p:1", NO_PROXY: "a,b" },
      { https: "http://p:1", http: null, noProxy: "a,b" },
    ],
    [
      { HTTPS_PROXY: "http://p:1", https_proxy: "http://q:2" },
      { https: "http://q:2", http: null, noProxy: null },
    ],
    [{ HTTP_PROXY: "p:1" }, { https: null, http: "http://p:1", noProxy: null }],
    [
      { ALL_PROXY: "http://p:1", no_proxy: "*" },
      { https: "http://p:1", http: "http://p:1", noProxy: "*" },
    ],
    [{ ALL_PROXY: "socks5://p:1" }, { https: "socks5://p:1", http: "socks5://p:1", noProxy: null }],
    [{ ALL_PROXY: "socks://p:1" }, { https: "socks5://p:1", http: "socks5://p:1", noProxy: null }],
    [
      { ALL_PROXY: "socks5h://p:1", HTTPS_PROXY: "http://q:2" },
      { https: "http://q:2", http: "socks5h://p:1", noProxy: null },
    ],
    [{ ALL_PROXY: "socks4://p:1" }, null],
    [{ HTTPS_PROXY: "http://p:1", https_proxy: "" }, null],
    [{ NO_PROXY: "*" }, null],
  ])("%j gives the proxy %j", (environment, proxy) =>
    expect(read(environment as unknown as Record<string, string>).proxy).toEqual(proxy),
  );
});

test("child processes inherit what programs need, and no secret", () => {
  const kept = {
    PATH: "/bin",
    LANG: "de_DE.UTF-8",
    HTTPS_PROXY: "http://p:1",
    PIP_INDEX_URL: "https://i",
    TOKENIZERS_PARALLELISM: "1",
    SSL_CERT_FILE: "/ca",
  };
  const secrets = {
    ...{
      HF_TOKEN: "s",
      HUGGING_FACE_HUB_TOKEN: "s",
      OPENAI_API_KEY: "s",
      ANTHROPIC_API_KEY: "s",
      MLX_MANAGER_API_KEY: "long-enough",
    },
    ...{
      AWS_SECRET_ACCESS_KEY: "s",
      AWS_PROFILE: "s",
      GITHUB_TOKEN: "s",
      DB_PASSWORD: "s",
      GPG_PASSPHRASE: "s",
      SIGNING_KEY: "s",
    },
    ...{ GOOGLE_APPLICATION_CREDENTIALS: "s", client_secret: "s", MLX_MANAGER_HOME: "/data" },
  };
  expect(read({ ...kept, ...secrets }).childEnvironment).toEqual({ HOME: home, ...kept });
});

test("the configuration cannot be changed after it was read", () => {
  expect(() => Object.assign(read(), { port: 1 })).toThrow(TypeError);
});

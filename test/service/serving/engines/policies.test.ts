import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import type { EngineState } from "../../../../service/src/contract/engines.ts";
import { canMove } from "../../../../service/src/platform/machine.ts";
import { findPlace } from "../../../../service/src/platform/place.ts";
import { createCredentialFilter } from "../../../../service/src/serving/engines/hide-credentials.ts";
import { findLink } from "../../../../service/src/serving/engines/index-client.ts";
import { explainInstallFailure } from "../../../../service/src/serving/engines/install-failures.ts";
import { createInstallCounter } from "../../../../service/src/serving/engines/install-output.ts";
import { lockPlatform, parseLock, readLock } from "../../../../service/src/serving/engines/lock-file.ts";
import { engineState, engineTransitions } from "../../../../service/src/serving/engines/machine.ts";
import { readPackageIndex, toolEnvironment } from "../../../../service/src/serving/engines/package-index.ts";
import { parsePipFile } from "../../../../service/src/serving/engines/pip-configuration.ts";
import { isFitPython, parseFacts } from "../../../../service/src/serving/engines/python-version.ts";
import { ToolError } from "../../../../service/src/serving/engines/run-tool.ts";
import { parseUvIndex } from "../../../../service/src/serving/engines/uv-configuration.ts";
import { readFromWheel } from "../../../../service/src/serving/engines/wheel.ts";
import { zip } from "./tiny-wheel.ts";

describe("locks", () => {
  const { engines } = findPlace();

  test.each(["macos-arm64", "linux-x86_64"] as const)("the one of %s pins and hashes every package", (platform) => {
    const lock = readLock(engines, "mlx-lm", platform);
    const text = readFileSync(lock.path, "utf8");
    expect(lock.engineVersion).toBe("0.32.2");
    const [major = 0, minor = 0, patch = 0] = (lock.packages.get("mlx") ?? "").split(".").map(Number);
    expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThanOrEqual(32_004);
    expect(lock.packages.has(platform === "macos-arm64" ? "mlx-metal" : "mlx-cpu")).toBe(true);
    const entries = text.replaceAll(/^\s*#.*$/gm, "").split(/\n(?=\S)/);
    const pinned = entries.filter((entry) => entry.trim() !== "");
    expect(pinned).toHaveLength(lock.packages.size);
    for (const entry of pinned) expect(entry).toMatch(/^[\w.-]+(\[.*\])?==\S+.*\\\n\s+--hash=sha256:[0-9a-f]{64}/);
    expect(text).not.toMatch(/https?:|--index|--find-links|@ /);
  });

  test("a lock's hash follows its text, and one without the engine is refused", () => {
    const lock = parseLock("mlx-lm[cpu]==1.2.3 ; python_version >= '3.11' \\\n    --hash=sha256:aa\n", "mlx-lm");
    expect(lock).toMatchObject({ engineVersion: "1.2.3", packages: new Map([["mlx-lm", "1.2.3"]]) });
    expect(lock.hash).toMatch(/^[0-9a-f]{16}$/);
    expect(() => parseLock("mlx==1", "mlx-lm")).toThrow("does not pin");
  });

  test.each([
    ["darwin", "arm64", "macos-arm64"],
    ["linux", "x64", "linux-x86_64"],
    ["darwin", "x64", null],
    ["linux", "arm64", null],
    ["win32", "x64", null],
  ])("%s on %s takes %s", (platform, architecture, expected) => {
    expect(lockPlatform(platform, architecture)).toBe(expected);
  });
});

describe("states", () => {
  test("follow from what is so", () => {
    const situation = { isSupported: true, isInstalling: false, hasCurrent: false, isWhole: false };
    const state = (change: Partial<typeof situation>) => engineState({ ...situation, ...change });
    expect(state({})).toBe("absent");
    expect(state({ isInstalling: true })).toBe("installing");
    expect(state({ hasCurrent: true, isWhole: true })).toBe("installed");
    expect(state({ hasCurrent: true, isWhole: true, isInstalling: true })).toBe("updating");
    expect(state({ hasCurrent: true })).toBe("broken");
    expect(state({ hasCurrent: true, isInstalling: true })).toBe("installing");
    expect(state({ isSupported: false, isInstalling: true })).toBe("unsupported");
  });

  test("never lead from or to unsupported", () => {
    for (const state of Object.keys(engineTransitions) as EngineState[]) {
      expect(canMove(engineTransitions, state, "unsupported")).toBe(false);
      expect(canMove(engineTransitions, "unsupported", state)).toBe(false);
    }
  });
});

describe("Python", () => {
  const facts = (version: string, machine = "x86_64", isFreeThreaded = false) => ({
    ...{ executable: "/usr/bin/python3", version, machine, hasVenv: true, isFreeThreaded },
  });

  test.each([
    ["3.11.0", "x86_64", "x64", true],
    ["3.14.2", "arm64", "arm64", true],
    ["3.12.1", "aarch64", "arm64", true],
    ["3.10.13", "x86_64", "x64", false],
    ["3.15.0", "x86_64", "x64", false],
    ["2.7.18", "x86_64", "x64", false],
    ["4.0.0", "x86_64", "x64", false],
    ["3.12.1", "x86_64", "arm64", false],
  ])("%s for %s is fit on %s: %s", (version, machine, architecture, expected) => {
    expect(isFitPython(facts(version, machine), architecture)).toBe(expected);
  });

  test("without its global lock is not fit: there are no wheels for it", () => {
    expect(isFitPython(facts("3.13.0", "x86_64", true), "x64")).toBe(false);
  });

  test("that says something else is none", () => {
    expect(parseFacts("")).toBeNull();
    expect(parseFacts("{broken")).toBeNull();
    expect(parseFacts("xcode-select: note: no developer tools were found")).toBeNull();
    expect(parseFacts(`a warning\n${JSON.stringify(facts("3.12.0"))}`)).toEqual(facts("3.12.0"));
  });
});

describe("progress", () => {
  const counts = (lines: readonly string[], total: number) => {
    const count = createInstallCounter(total);
    return lines.flatMap((line) => {
      const now = count(line);
      return now === null ? [] : [`${now.phase} ${now.done}`];
    });
  };

  test("is read from uv", () => {
    const lines = [
      "Resolved 2 packages in 5ms",
      "Downloading mlx (10.0MiB)",
      " Downloaded mlx",
      "Prepared 2 packages in 1s",
    ];
    expect(counts([...lines, "Installed 2 packages in 2ms", " + mlx==1.0.0", " + mlx-lm==1.0.0"], 2)).toEqual([
      "downloading packages 1",
      "installing packages 0",
      "installing packages 1",
      "installing packages 2",
    ]);
  });

  test("is read from pip", () => {
    const lines = ["Collecting mlx==1.0.0 (from -r lock)", "  Downloading mlx.whl (10 MB)", "Collecting mlx-lm==1.0.0"];
    const last = ["Installing collected packages: mlx, mlx-lm", "Successfully installed mlx-1.0.0 mlx-lm-1.0.0"];
    expect(counts([...lines, ...last], 2)).toEqual([
      "downloading packages 0",
      "downloading packages 1",
      "installing packages 0",
      "installing packages 2",
    ]);
  });
});

describe("credentials", () => {
  test("are taken out of addresses and wherever the password turns up again", () => {
    const clean = createCredentialFilter(["https://person:p%40ssword@index.example/simple", null]);
    expect(clean("at https://person:p%40ssword@index.example/simple/")).toBe(
      "at https://[secret]@index.example/simple/",
    );
    expect(clean("https://other:w0rd@with@at.example/x and p@ssword")).toBe(
      "https://[secret]@at.example/x and [secret]",
    );
    expect(clean("nothing to hide: user@host, a://b")).toBe("nothing to hide: user@host, a://b");
  });

  test("that stand as a token in the user's place are a secret too", () => {
    expect(createCredentialFilter(["https://t0kenvalue@index.example"])("said t0kenvalue")).toBe("said [secret]");
  });
});

describe("configuration of pip and uv", () => {
  test("pip's file: sections, continued lines, comments", () => {
    const text =
      "[global]\n# index-url = no\nindex_url = https://a\nextra-index-url =\n  https://b\n  https://c\n[list]\nindex-url=x\n[install]\nindex-url: https://d\n";
    expect(parsePipFile(text)).toEqual({ "index-url": "https://d", "extra-index-url": "https://b https://c" });
  });

  test("uv's file: the default index wins over the older key", () => {
    expect(parseUvIndex('index-url = "https://a"\n')).toBe("https://a");
    expect(parseUvIndex("[pip]\nindex-url = 'https://b'\n")).toBe("https://b");
    const tables = '[[index]]\nurl = "https://c"\n[[index]]\nname = "own"\nurl = "https://d"\ndefault = true\n';
    expect(parseUvIndex(`index-url = "https://a"\n${tables}`)).toBe("https://d");
    expect(parseUvIndex('[[index]]\nurl = "https://c"\n')).toBeNull();
  });

  test("what is said to uv goes before what is said to pip, and both tools are told", () => {
    const environment = { PIP_CONFIG_FILE: "/dev/null", UV_NO_CONFIG: "1", PIP_USER: "1", PATH: "/bin" };
    const one = readPackageIndex({ ...environment, PIP_INDEX_URL: "https://pip", UV_INDEX_URL: "https://uv" });
    expect(one.url).toBe("https://uv");
    const two = { ...environment, PIP_INDEX_URL: "https://pip", PIP_CERT: "/c.pem", https_proxy: "http://p:1" };
    const tools = toolEnvironment(two, readPackageIndex(two));
    expect(tools).toMatchObject({ UV_DEFAULT_INDEX: "https://pip", PIP_INDEX_URL: "https://pip", PATH: "/bin" });
    expect(tools).toMatchObject({ SSL_CERT_FILE: "/c.pem", HTTPS_PROXY: "http://p:1", UV_SYSTEM_CERTS: "1" });
    expect(tools).not.toHaveProperty("PIP_USER");
  });
});

describe("an index page", () => {
  test("is read as HTML and as JSON", () => {
    const file = "uv-1.0+local-py3-none-any.whl";
    expect(findLink(`<a href="../../f/uv-1.0%2Blocal-py3-none-any.whl#sha256=aa&amp;b">x</a>`, file)).toBe(
      "../../f/uv-1.0%2Blocal-py3-none-any.whl#sha256=aa&b",
    );
    expect(findLink(JSON.stringify({ files: [{ filename: file, url: "u" }] }), file)).toBe("u");
    expect(findLink(`<a href="other-${file}">x</a>`, file)).toBeNull();
    // Files beside the page, as plain folders behind a web server have them.
    expect(findLink(`<a href="uv-1.0%2Blocal-py3-none-any.whl#sha256=aa">x</a>`, file)).toContain("#sha256=aa");
  });

  test("a wheel gives the one file that is asked for, and says when it is no wheel", () => {
    const wheel = zip({ "a/uvx": "no", "a.data/scripts/uv": "yes" });
    expect(readFromWheel(wheel, ".data/scripts/uv").toString()).toBe("yes");
    expect(() => readFromWheel(wheel, "missing")).toThrow("has no");
    expect(() => readFromWheel(Buffer.from("<html>"), "x")).toThrow("not a zip");
  });
});

describe("failures of the tools", () => {
  test.each([
    ["error: No space left on device (os error 28)", "disk_full"],
    ["  × Failed to download `x`\n  ╰─▶ Hash mismatch for `x`", "checksum_mismatch"],
    ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "checksum_mismatch"],
    ["error sending request\ninvalid peer certificate: UnknownIssuer", "tls_failed"],
    ["ProxyError('Cannot connect to proxy.')", "proxy_failed"],
    ["error sending request for url\n tunnel error: unsuccessful", "proxy_failed"],
    ["HTTP status client error (401 Unauthorized) for url", "engine_failed"],
    ["client error (Connect)\ntcp connect error: Connection refused", "hub_unreachable"],
    ["ModuleNotFoundError: No module named 'mlx'", "engine_failed"],
  ])("%j is %s", (output, code) => {
    expect(explainInstallFailure(new ToolError("uv failed", output))).toMatchObject({ code });
  });

  test("a full disk of our own writing, and a folder that may not be written", () => {
    const system = (code: string) => Object.assign(new Error(code), { code });
    expect(explainInstallFailure(system("ENOSPC"))).toMatchObject({ code: "disk_full" });
    expect(explainInstallFailure(system("EACCES"))).toMatchObject({ code: "engine_failed" });
  });
});

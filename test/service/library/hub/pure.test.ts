import { describe, expect, test } from "@jest/globals";
import { isOnEndpoint, nextLink, onEndpoint } from "../../../../service/src/library/hub/links.ts";
import { proxyFor } from "../../../../service/src/library/hub/no-proxy.ts";
import { retryDelay, retryLimits, secondsAsked } from "../../../../service/src/library/hub/retry-policy.ts";
import { checkTreePaths } from "../../../../service/src/library/hub/tree-paths.ts";
import { modelIdOf, repositoryOf } from "../../../../service/src/library/hub/names.ts";

describe("paths of a repository's tree", () => {
  test.each([
    ["../x"],
    ["a/../b"],
    ["/etc/passwd"],
    ["a\\b"],
    ["C:/x"],
    ["c:x"],
    ["a\0b"],
    ["a//b"],
    ["./a"],
    ["a/."],
    [""],
    ["a/"],
    ["line\nbreak"],
    ["x".repeat(256)],
  ])("%j is refused", (path) => {
    expect(() => checkTreePaths(["config.json", path])).toThrow(expect.objectContaining({ code: "unsupported" }));
  });

  test("names with blanks, percent signs, hashes and other scripts are welcome", () => {
    expect(() => checkTreePaths(["a b/#1 %25?.json", "..hidden", "a/...", "ü/模型.txt", "A/x", "a/y"])).not.toThrow();
  });

  test.each([
    ["file and folder", ["a", "a/b"]],
    ["twice", ["a", "a"]],
  ])("names that meet on every disk are refused: %s", (_, paths) => {
    expect(() => checkTreePaths(paths)).toThrow(expect.objectContaining({ code: "unsupported" }));
  });

  test.each([
    ["case", ["README.md", "readme.md"], { byCase: true, byUnicodeForm: false }],
    ["Unicode form", ["\u00e9.txt", "e\u0301.txt"], { byCase: false, byUnicodeForm: true }],
    ["file and folder by case", ["A", "a/b/c"], { byCase: true, byUnicodeForm: false }],
    ["both", ["\u00c9.txt", "e\u0301.txt"], { byCase: true, byUnicodeForm: true }],
  ])("names that meet on some disks are refused there: %s", (_, paths, folding) => {
    expect(() => checkTreePaths(paths, folding)).toThrow(expect.objectContaining({ code: "unsupported" }));
    expect(() => checkTreePaths(paths)).not.toThrow();
  });
});

describe("addresses", () => {
  test("an absolute link to the public Hub becomes one on our endpoint", () => {
    const header =
      '<https://huggingface.co/api/models?limit=2&cursor=abc>; rel="next", <https://x.example/a>; rel="prev"';
    expect(nextLink(header, "http://127.0.0.1:8000")).toBe("http://127.0.0.1:8000/api/models?limit=2&cursor=abc");
    expect(nextLink(header, "https://mirror.example/hub")).toBe(
      "https://mirror.example/hub/api/models?limit=2&cursor=abc",
    );
    expect(nextLink('<https://x.example/a>; rel="prev"', "http://127.0.0.1:8000")).toBeNull();
    expect(nextLink(null, "http://127.0.0.1:8000")).toBeNull();
  });

  test("a path that lies below the endpoint's own prefix is kept", () => {
    expect(onEndpoint("https://mirror.example/hub/api/x?y=1", "https://mirror.example/hub")).toBe(
      "https://mirror.example/hub/api/x?y=1",
    );
  });

  test("another port, scheme or host is another place", () => {
    expect(isOnEndpoint("https://h.example/x", "https://h.example")).toBe(true);
    expect(isOnEndpoint("https://h.example:8443/x", "https://h.example")).toBe(false);
    expect(isOnEndpoint("http://h.example/x", "https://h.example")).toBe(false);
    expect(isOnEndpoint("https://h.example.evil.example/x", "https://h.example")).toBe(false);
  });

  test("ids and repository names fit each other, also without an owner", () => {
    expect(modelIdOf("gpt2")).toBe("_/gpt2");
    expect(repositoryOf("_/gpt2")).toBe("gpt2");
    expect(modelIdOf("a/b")).toBe("a/b");
    expect(modelIdOf("a/b/c")).toBeNull();
    expect(modelIdOf("a/../b")).toBeNull();
    expect(modelIdOf("../b")).toBeNull();
  });
});

describe("proxy choice", () => {
  const proxy = {
    https: "http://p.example:1",
    http: "h.example:2",
    noProxy: "internal.example, .corp, 127.0.0.1,[::1]:80,x.example:8443",
  };

  test.each([
    ["https://huggingface.co/api", "http://p.example:1"],
    ["http://huggingface.co/api", "http://h.example:2"],
    ["https://internal.example/", null],
    ["https://a.internal.example/", null],
    ["https://notinternal.example/", "http://p.example:1"],
    ["https://a.corp/", null],
    ["http://127.0.0.1:99/", null],
    ["http://[::1]/", null],
    ["https://x.example:8443/", null],
    ["https://x.example/", "http://p.example:1"],
  ])("%s goes by %s", (address, expected) => {
    expect(proxyFor(address, proxy)).toBe(expected);
  });

  test.each([
    ["http://10.1.2.3/", null],
    ["http://10.2.2.3/", "http://p:1"],
    ["http://[2001:db8::7]/", null],
    ["http://[2001:db9::7]/", "http://p:1"],
    ["http://name.example/", "http://p:1"],
  ])("networks are exempt as in requests and curl: %s", (address, expected) => {
    const noProxy = "10.1.0.0/16,2001:db8::/32,300.0.0.0/8,10.0.0.0/99";
    expect(proxyFor(address, { https: null, http: "http://p:1", noProxy })).toBe(expected);
  });

  test("one scheme's proxy does not serve the other, and a star exempts everything", () => {
    expect(proxyFor("https://a.example/", { https: null, http: "http://p:1", noProxy: null })).toBeNull();
    expect(proxyFor("https://a.example/", { https: "http://p:1", http: null, noProxy: "*" })).toBeNull();
    expect(proxyFor("https://a.example/", null)).toBeNull();
  });
});

describe("when to ask again", () => {
  const answer = (status: number, headers: Record<string, string> = {}) => ({
    status,
    header: (name: string) => headers[name] ?? null,
  });

  test.each([408, 429, 500, 502, 503, 504])("status %i is asked again, later each time", (status) => {
    const delays = [1, 2, 3].map((attempt) => retryDelay(answer(status), attempt, 0.5) ?? 0);
    expect(delays[0]).toBeGreaterThan(0);
    expect(delays[1]).toBeGreaterThan(delays[0] ?? 0);
    expect(delays[2]).toBeGreaterThan(delays[1] ?? 0);
    expect(retryDelay(answer(status), retryLimits.attempts, 0.5)).toBeNull();
  });

  test.each([400, 401, 403, 404, 416, 501])("status %i is final", (status) => {
    expect(retryDelay(answer(status), 1, 0.5)).toBeNull();
  });

  test("two clients that were refused together do not come back together", () => {
    expect(retryDelay(answer(503), 1, 0)).not.toBe(retryDelay(answer(503), 1, 0.9));
  });

  test("what the server asks for is obeyed up to a limit", () => {
    const asked = answer(429, { ratelimit: '"api";r=0;t=3' });
    expect(secondsAsked(asked)).toBe(3);
    expect(retryDelay(asked, 1, 0)).toBeGreaterThanOrEqual(3000);
    expect(retryDelay(answer(503, { "retry-after": "2" }), 1, 0)).toBeGreaterThanOrEqual(2000);
    expect(retryDelay(answer(429, { ratelimit: '"api";r=0;t=290' }), 1, 0)).toBeNull();
  });
});

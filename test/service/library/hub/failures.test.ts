import { describe, expect, test } from "@jest/globals";
import { answerFailure, connectionFailure } from "../../../../service/src/library/hub/index.ts";

const endpoint = "https://huggingface.co";
const page = `${endpoint}/org/model`;
const now = Date.parse("2026-11-21T12:00:00.000Z");

function told(
  status: number,
  headers: Record<string, string>,
  change: { hadToken?: boolean; repository?: string | null } = {},
) {
  const all: Record<string, string> = { "content-type": "application/json; charset=utf-8", ...headers };
  const answer = { status, header: (name: string) => all[name] ?? null };
  const { code, message, details } = answerFailure(answer, {
    ...{ endpoint, repository: "org/model", hadToken: true, now, ...change },
  });
  return { code, message, details };
}
const error = (code: string, message = "") => ({ "x-error-code": code, "x-error-message": message });
const gated = (rest: string) => error("GatedRepo", `Access to model org/model is restricted ${rest}`);

describe("what a refusal of the Hub means, and the next step", () => {
  test.each<[string, ReturnType<typeof told>, string, string[]]>([
    [
      "gated, without a token",
      told(401, gated("… be authenticated to access it. Please log in."), { hadToken: false }),
      "gated_no_token",
      [page, "license", "mlx-manager token set"],
    ],
    [
      "gated, not accepted",
      told(403, gated(`and you are not in the authorized list. Visit ${page} to ask for access.`)),
      "gated_not_accepted",
      [page, "Accept the license"],
    ],
    [
      "gated, asked for and not answered",
      told(
        403,
        error("GatedRepo", "Your request to access model org/model is awaiting a review from the repo authors."),
      ),
      "gated_not_accepted",
      [page, "waits"],
    ],
    [
      "gated, refused by the authors",
      told(403, error("GatedRepo", "Your request to access model org/model has been rejected by the repo's authors.")),
      "gated_not_accepted",
      [page, "refused you access"],
    ],
    [
      "gated, with a token that may not",
      told(
        403,
        error("GatedRepo", "Please enable access to public gated repositories in your fine-grained token settings."),
      ),
      "gated_not_accepted",
      ["https://huggingface.co/settings/tokens"],
    ],
    [
      "a bad token",
      told(401, { "x-error-message": "Invalid credentials in Authorization header" }),
      "token_invalid",
      ["mlx-manager token set"],
    ],
    ["a bad token at a mirror that says nothing", told(401, {}), "token_invalid", ["mlx-manager token set"]],
    [
      "private or missing, to a stranger",
      told(401, error("RepoNotFound", "Invalid username or password."), { hadToken: false }),
      "repo_not_found_or_private",
      ["org/model", "mlx-manager token set"],
    ],
    [
      "private or missing, to an account",
      told(404, error("RepoNotFound", "Repository not found")),
      "repo_not_found_or_private",
      ["org/model", "token's rights"],
    ],
    ["an unknown revision", told(404, error("RevisionNotFound")), "revision_not_found", [page]],
    ["an unknown file", told(404, error("EntryNotFound")), "not_found", [page]],
    [
      "disabled",
      told(403, { "x-error-message": "Access to this resource is disabled." }),
      "forbidden",
      ["disabled", "another one", page],
    ],
    ["forbidden for another reason", told(403, {}), "forbidden", [page, "token's rights"]],
    ["a proxy's question for a login", told(407, { "content-type": "text/html" }), "proxy_failed", ["HTTPS_PROXY"]],
    ["trouble", told(503, { "content-type": "text/html" }), "hub_unreachable", ["503", "Try again"]],
    ["no Hub", told(404, { "content-type": "text/html" }, { repository: null }), "endpoint_not_a_hub", ["HF_ENDPOINT"]],
  ])("%s", (_title, failure, code, texts) => {
    expect(failure.code).toBe(code);
    for (const text of texts) expect(failure.message).toContain(text);
    expect(failure.message).not.toMatch(/licence/);
  });

  test("gated failures carry the page with the license", () => {
    expect(told(401, gated(""), { hadToken: false }).details).toMatchObject({ url: page });
    expect(told(403, gated("")).details).toMatchObject({ url: page, repository: "org/model" });
  });

  test.each([
    [{ ratelimit: '"api";r=0;t=120' }, 120, "2026-11-21T12:02:00.000Z"],
    [{ "retry-after": "7.2" }, 8, "2026-11-21T12:00:08.000Z"],
    [{}, 60, "2026-11-21T12:01:00.000Z"],
  ])("a limit %j tells how long and until when", (headers, retryAfterSeconds, until) => {
    const failure = told(429, headers as Record<string, string>, { hadToken: false });
    expect(failure).toMatchObject({ code: "rate_limited", details: { retryAfterSeconds, until } });
    expect(failure.message).toContain(`${retryAfterSeconds} seconds`);
    expect(failure.message).toContain("With a token");
    expect(told(429, headers as Record<string, string>).message).not.toContain("With a token");
  });
});

describe("what went wrong below HTTP", () => {
  const caused = (code: string, depth = 1): Error => {
    const inner = Object.assign(new Error("inner"), { code });
    return depth === 0 ? inner : new TypeError("fetch failed", { cause: caused(code, depth - 1) });
  };

  test.each([
    ["SELF_SIGNED_CERT_IN_CHAIN", "tls_failed", "NODE_EXTRA_CA_CERTS"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls_failed", "SSL_CERT_FILE"],
    ["CERT_HAS_EXPIRED", "tls_failed", "date"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "tls_failed", "HF_ENDPOINT"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "tls_failed", "HF_ENDPOINT"],
    ["ENOTFOUND", "hub_unreachable", "network"],
    ["ECONNREFUSED", "hub_unreachable", "network"],
    ["UND_ERR_SOCKET", "hub_unreachable", "network"],
  ])("%s", (code, expected, text) => {
    const failure = connectionFailure(caused(code), endpoint, false);
    expect(failure).toMatchObject({ code: expected, details: { endpoint: "huggingface.co", reason: code } });
    expect(failure.message).toContain(text);
  });

  test("the first address of several that failed is the reason", () => {
    const all = new AggregateError([caused("ECONNREFUSED", 0), caused("ENETUNREACH", 0)]);
    expect(connectionFailure(new TypeError("x", { cause: all }), endpoint, true).code).toBe("proxy_failed");
  });
});

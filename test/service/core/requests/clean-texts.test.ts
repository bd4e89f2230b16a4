import { expect, test } from "@jest/globals";
import { cleanTexts } from "../../../../service/src/core/requests/clean-texts.ts";

const clean = (request: unknown, secrets: string[] = []) => cleanTexts({ request, answer: [] }, secrets).request;

test.each([
  "hf_abcdefghijklmnopqrstuvwxyz012345",
  "sk-ant-api03-abcdefghijklmnopqrstuvwx",
  "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
  "xoxb-123456789012-abcdefghijkl",
  "AKIAIOSFODNN7EXAMPLE",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
  "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END PRIVATE KEY-----",
])("%s is kept in no text, name or nested place", (secret) => {
  const text = clean({ messages: [{ content: `It is ${secret}.` }], [secret]: 1 });
  expect(text).not.toContain(secret.slice(0, 24));
  expect(text).toContain("It is [hidden]");
  const { response } = cleanTexts({ request: {}, answer: [{ kind: "text", text: secret }] }, []);
  expect(response).toBe('[{"kind":"text","text":"[hidden]"}]');
});

test("keys of this service and fields that hold secrets by their name are hidden, other fields stay", () => {
  const tools = [
    { type: "mcp", headers: { Authorization: "Bearer abc" }, authorization: "x", password: { type: "a" } },
  ];
  expect(clean({ tools, max_tokens: 5, tokens: "all", note: "my own long key" }, ["my own long key", ""])).toBe(
    JSON.stringify({
      tools: [
        { type: "mcp", headers: { Authorization: "[hidden]" }, authorization: "[hidden]", password: { type: "a" } },
      ],
      ...{ max_tokens: 5, tokens: "all", note: "[hidden]" },
    }),
  );
});

test("pictures are left out, and what is too long is cut and said to be", () => {
  const picture = `data:image/png;base64,${"A".repeat(5000)}`;
  expect(clean({ url: picture })).toBe('{"url":"data:image/png;base64,[left out]"}');
  const cut = cleanTexts({ request: "x".repeat(2_000_000), answer: [] }, []);
  expect([cut.request?.length, cut.response, cut.truncated]).toEqual([1_000_000, null, true]);
});

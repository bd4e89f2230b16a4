import { describe, expect, test } from "@jest/globals";
import { readMarks } from "../../../service/src/gateway/marks.ts";

const billing = "x-anthropic-billing-header: cc_version=2.1.329.3c4; cc_entrypoint=cli;";
const nothing = { session: null, agent: null, subagent: false };

describe("what a request says of its conversation", () => {
  test.each<[string, Record<string, string>, unknown, object]>([
    ["nothing", {}, { model: "x" }, nothing],
    ["no body", {}, undefined, nothing],
    ["a body that is no object", {}, [1, null], nothing],
    [
      "Claude Code, by its header",
      { "x-claude-code-session-id": "s-1", "user-agent": "claude-cli/2.1.329 (external, cli)" },
      { metadata: { user_id: '{"session_id":"s-2"}' } },
      { session: "s-1", agent: "claude-code", subagent: false },
    ],
    [
      "Claude Code, by its user's id",
      {},
      { system: [{ type: "text", text: billing }], metadata: { user_id: '{"device_id":"d","session_id":"s-2"}' } },
      { session: "s-2", agent: "claude-code", subagent: false },
    ],
    [
      "an older Claude Code",
      {},
      { metadata: { user_id: "user_0a1b_account__session_11111111-2222-3333-4444-555555555555" } },
      { ...nothing, session: "11111111-2222-3333-4444-555555555555" },
    ],
    [
      "an agent that Claude Code sent",
      { "x-claude-code-session-id": "s-1" },
      {
        system: [
          { type: "text", text: `${billing} cc_is_subagent=true;` },
          { type: "text", text: "You are an agent." },
        ],
      },
      { session: "s-1", agent: "claude-code", subagent: true },
    ],
    [
      "one with its prompt as a text",
      {},
      { system: `${billing} cc_is_subagent=true;\nYou are an agent.` },
      { session: null, agent: "claude-code", subagent: true },
    ],
    [
      "one that tells its parent",
      {},
      { metadata: { user_id: '{"session_id":"s-3","parent_session_id":"s-2"}' } },
      { session: "s-3", agent: null, subagent: true },
    ],
    ["a prompt that speaks of such lines", {}, { system: `Never write "${billing} cc_is_subagent=true".` }, nothing],
    ["a borrowed user-agent", { "user-agent": "claude-cli/2.1.0 (external, cli)" }, {}, nothing],
    [
      "Codex",
      { originator: "codex_exec", session_id: "s-4" },
      { prompt_cache_key: "s-5" },
      { session: "s-4", agent: "codex", subagent: false },
    ],
    [
      "a newer Codex and its helper",
      { originator: "codex_cli_rs", "session-id": "s-4", "x-openai-subagent": "collab_spawn" },
      {},
      { session: "s-4", agent: "codex", subagent: true },
    ],
    [
      "Codex by its body",
      { "user-agent": "codex_exec/0.169.0 (Linux)" },
      { client_metadata: { session_id: "s-6" }, prompt_cache_key: "s-5" },
      { session: "s-6", agent: "codex", subagent: false },
    ],
    [
      "OpenCode",
      { "user-agent": "opencode/1.18.33 ai-sdk/provider-utils/4", "x-session-affinity": "ses_1" },
      {},
      { session: "ses_1", agent: "opencode", subagent: false },
    ],
    [
      "OpenCode's helper",
      { "user-agent": "opencode/1.18.33", "x-session-id": "ses_2", "x-parent-session-id": "ses_1" },
      {},
      { session: "ses_2", agent: "opencode", subagent: true },
    ],
    ["Qwen Code", { "user-agent": "QwenCode/0.24.4 (linux; x64)" }, {}, { ...nothing, agent: "qwen-code" }],
    [
      "Qwen Code over messages, as a client of Claude's",
      { "user-agent": "claude-cli/0.24.4 (external, cli)", "x-app": "cli" },
      { system: [{ type: "text", text: "You are Qwen Code, a non-interactive CLI agent." }] },
      nothing,
    ],
    [
      "pi",
      { "user-agent": "pi (linux 6.18.44; x64)", session_id: "s-7" },
      { prompt_cache_key: "s-7" },
      { session: "s-7", agent: "pi", subagent: false },
    ],
    ["a key of Responses", {}, { prompt_cache_key: "thread-1" }, { ...nothing, session: "thread-1" }],
    ["a user of chat", {}, { user: "user-1" }, { ...nothing, session: "user-1" }],
    ["no helper, said aloud", { "x-openai-subagent": "false" }, {}, nothing],
  ])("%s", (_who, headers, body, expected) => expect(readMarks(headers, body)).toEqual(expected));

  test("what a row cannot keep is told by its hash", () => {
    const sessionOf = (user: unknown) => readMarks({}, { user }).session;
    expect(sessionOf("Jürgen Müller")).toMatch(/^[\w-]{22}$/);
    expect(sessionOf("x".repeat(5000))).toMatch(/^[\w-]{22}$/);
    expect(sessionOf("Jürgen Müller")).toBe(sessionOf("Jürgen Müller"));
    expect(sessionOf("")).toBeNull();
    expect(sessionOf(7)).toBeNull();
  });
});

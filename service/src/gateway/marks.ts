import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** What a client says of the conversation that a request belongs to. */
export interface Marks {
  /** The same for all requests of one conversation; null: not said. */
  readonly session: string | null;
  /** A coding agent that is known by what it sends; a `user-agent` alone proves none, since agents borrow them. */
  readonly agent: string | null;
  /** Asked by an agent that another one has sent. */
  readonly subagent: boolean;
}

/** @param body as it was parsed; anything. */
export function readMarks(headers: IncomingHttpHeaders, body: unknown): Marks {
  const request = objectOf(body);
  const billing = billingLine(request["system"]);
  const user = claudeUser(objectOf(request["metadata"])["user_id"]);
  const metadata = objectOf(request["client_metadata"]);
  return {
    session: firstId([
      ...sessionHeaders.map((name) => headers[name]),
      ...[user.session, metadata["session_id"], request["prompt_cache_key"], request["user"]],
    ]),
    agent: agentOf(headers, billing),
    subagent:
      billing.includes("cc_is_subagent=true") ||
      user.isChild ||
      parentHeaders.some((name) => isSaid(headers[name])) ||
      isSaid(headers["x-openai-subagent"] ?? metadata["x-openai-subagent"]),
  };
}

/** Claude Code's, Codex' older and newer one, OpenCode's. */
const sessionHeaders = [
  ...["x-claude-code-session-id", "session_id", "session-id", "x-session-affinity", "x-session-id"],
  ...["x-opencode-session", "conversation_id"],
];
const parentHeaders = ["x-claude-code-parent-agent-id", "x-codex-parent-thread-id", "x-parent-session-id"];

function agentOf(headers: IncomingHttpHeaders, billing: string): string | null {
  const program = headers["user-agent"] ?? "";
  if (headers["x-claude-code-session-id"] !== undefined || billing !== "") return "claude-code";
  if (/^codex/i.test(textOf(headers["originator"])) || /^codex/i.test(program)) return "codex";
  if (headers["x-opencode-session"] !== undefined || /^opencode\b/i.test(program)) return "opencode";
  if (/^qwen-?code\b/i.test(program)) return "qwen-code";
  return /^pi[ /]/.test(program) ? "pi" : null;
}

const billingStart = "x-anthropic-billing-header:";

/** The line that Claude Code puts before its prompt, which is never passed on; empty without one. */
function billingLine(system: unknown): string {
  const texts = typeof system === "string" ? [system] : Array.isArray(system) ? system.slice(0, 2).map(textIn) : [];
  for (const text of texts) {
    const start = text.slice(0, 1000);
    if (start.toLowerCase().startsWith(billingStart)) return start.split("\n", 1)[0] ?? "";
  }
  return "";
}

function textIn(block: unknown): string {
  return textOf(objectOf(block)["text"]);
}

/** Newer versions write an object as JSON, older ones join three ids with words. */
function claudeUser(id: unknown): { readonly session: unknown; readonly isChild: boolean } {
  const text = textOf(id).slice(0, 2000);
  if (!text.startsWith("{")) return { session: /_session_([A-Za-z0-9-]+)$/.exec(text)?.[1], isChild: false };
  try {
    const user = objectOf(JSON.parse(text));
    return { session: user["session_id"], isChild: isSaid(user["parent_session_id"]) };
  } catch (error) {
    // A client's own business: nothing depends on it.
    if (error instanceof SyntaxError) return { session: undefined, isChild: false };
    throw error;
  }
}

/** As a row can keep it: what is long or odd is told by its hash. */
function firstId(values: readonly unknown[]): string | null {
  const text = values.map(textOf).find((value) => value !== "");
  if (text === undefined) return null;
  return /^[\x21-\x7e]{1,128}$/.test(text) ? text : createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

function isSaid(value: unknown): boolean {
  return !["", "0", "false"].includes(textOf(value));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

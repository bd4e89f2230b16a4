import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { MessagesRequest } from "../../../service/src/contract/anthropic.ts";
import { ChatRequest } from "../../../service/src/contract/openai.ts";
import { ResponseRequest } from "../../../service/src/contract/responses.ts";
import { readMessages } from "../../../service/src/gateway/anthropic/read-messages.ts";
import { chatMessages, chatTools } from "../../../service/src/gateway/engines/chat-body.ts";
import type { Intake } from "../../../service/src/gateway/intake.ts";
import { readChat } from "../../../service/src/gateway/openai/read-chat.ts";
import { readResponse } from "../../../service/src/gateway/openai/read-response.ts";
import { normalizeRequest } from "../../../service/src/gateway/request.ts";
import { createPromptCounter } from "../../../service/src/gateway/tokens/prompt-counter.ts";
import { findPlace } from "../../../service/src/platform/place.ts";
import { claudeCodeSession } from "../../fixtures/prompts/claude-code.ts";
import { codexSession, openCodeSession } from "../../fixtures/prompts/codex.ts";
import { piSession, qwenCodeSession } from "../../fixtures/prompts/qwen-code-and-pi.ts";
import { temporaryFolder } from "../../tools/temporary-folder.ts";
import { testProfile } from "./gateway-bench.ts";

const folder = temporaryFolder();
const { demoModel } = findPlace();
const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/prompts/${name}.jinja`, import.meta.url));
const limits = { contextLength: 32_768, vocabularySize: 1024 };

const sessions: Readonly<Record<string, readonly Intake[]>> = {
  "Claude Code": claudeCodeSession.map((body) => readMessages(MessagesRequest.parse(body))),
  Codex: codexSession.map((body) => {
    const request = ResponseRequest.parse(body);
    return readResponse(request, Array.isArray(request.input) ? request.input : []).intake;
  }),
  OpenCode: openCodeSession.map((body) => readChat(ChatRequest.parse(body))),
  "Qwen Code": qwenCodeSession.map((body) => readChat(ChatRequest.parse(body))),
  pi: piSession.map((body) => readChat(ChatRequest.parse(body))),
};

/** What the engine reads of each request of a session. */
async function prompts(session: readonly Intake[], template: string): Promise<string[]> {
  const model = folder.in("model");
  await mkdir(model);
  for (const file of ["tokenizer.json", "tokenizer_config.json"])
    await copyFile(join(demoModel, file), join(model, file));
  await copyFile(template, join(model, "chat_template.jinja"));
  const { render } = createPromptCounter(model);
  return session.map((intake) => {
    const request = normalizeRequest(intake, testProfile({}), limits);
    const tools = chatTools(request.tools) ?? null;
    const messages = chatMessages(request.messages, { reasoning: true });
    return render({ messages, tools, variables: request.template, thinking: "if-known" });
  });
}

const templates = { demo: join(demoModel, "chat_template.jinja"), headers: fixture("headers") };
const cases = Object.keys(sessions).flatMap((client) => Object.keys(templates).map((name) => [client, name] as const));

describe("what the engine reads at a turn goes on from what it read before, byte for byte", () => {
  test.each(cases)("%s, template of the form %s", async (client, name) => {
    const read = await prompts(sessions[client]!, templates[name as keyof typeof templates]);
    expect(read).toHaveLength(4);
    for (const [index, text] of read.slice(1).entries()) {
      // The demo model's template opens a thought where an effort is asked for, and keeps none: it ends the prompt.
      expect(text.startsWith(read[index]!.replace(/<think>\n$/, ""))).toBe(true);
      expect(text.length).toBeGreaterThan(read[index]!.length);
    }
  });

  test.each(Object.keys(sessions))("%s, a template that drops the thoughts of finished turns", async (client) => {
    const read = await prompts(sessions[client]!, fixture("marks-and-tags"));
    // The work on one question goes on byte for byte, thoughts included.
    for (const [index, text] of read.slice(1, 3).entries()) expect(text.startsWith(read[index]!)).toBe(true);
    expect(read[2]).toContain("<think>\nI");
    // The next question drops them, as the model was taught: up to the first of them nothing changes.
    expect(read[3]!.startsWith(read[2]!.slice(0, read[2]!.indexOf("<think>")))).toBe(true);
    expect(read[3]).not.toContain("<think>");
  });
});

test("of Claude Code the line to be billed by and every cache mark are gone; its environment stands in its place", async () => {
  const text = (await prompts(sessions["Claude Code"]!, fixture("marks-and-tags"))).join("");
  expect(text).not.toMatch(/billing|cch=|cache_control|ephemeral|defer_loading/);
  expect(text.indexOf("List the files.")).toBeLessThan(text.indexOf("# Environment"));
});

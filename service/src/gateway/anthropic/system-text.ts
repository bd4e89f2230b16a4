import type { Conversation } from "../../contract/anthropic.ts";

type SystemContent = NonNullable<Conversation["system"]>;

const billingLine = /^x-anthropic-billing-header:[^\n]*(?:\n|$)/i;

/**
 * The text of a system prompt, without the line that Claude Code puts first to be billed: it differs in each
 * conversation, and would begin every prompt with something that no cache holds.
 */
export function systemText(content: SystemContent | null | undefined): string {
  const texts = typeof content === "string" ? [content] : (content ?? []).map(({ text }) => text);
  return texts
    .map((text) => text.replace(billingLine, ""))
    .filter((text) => text !== "")
    .join("\n\n");
}

/** A system message in the middle, told in its place by the user: many templates know only one, at the beginning. */
export function foldedSystem(text: string): string {
  return `<system>\n${text}\n</system>`;
}

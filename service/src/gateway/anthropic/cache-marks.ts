import type { Conversation } from "../../contract/anthropic.ts";

/**
 * Whether a request marks what shall be cached. Every prompt is, as far as it goes; but the protocol takes the cache's
 * part out of `input_tokens`, and a client that never asked for a cache would miss it there.
 */
export function marksCache(request: Conversation): boolean {
  return isMarked(request) || [request.system, request.tools, request.messages].some(hasMark);
}

/** Marks stand on blocks, tools and whatever a block holds in its content. */
function hasMark(value: unknown): boolean {
  return Array.isArray(value) && value.some((entry) => isMarked(entry) || hasMark(contentOf(entry)));
}

function isMarked(value: unknown): boolean {
  const mark = (value as { cache_control?: unknown } | null)?.cache_control;
  return mark !== undefined && mark !== null;
}

function contentOf(value: unknown): unknown {
  return (value as { content?: unknown } | null)?.content;
}

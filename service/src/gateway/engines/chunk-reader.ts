import { parseChunk } from "./chunk.ts";
import type { Chunk } from "./chunk.ts";

/** A chunk whose every byte is known but those of one text. */
interface Mould {
  readonly before: string;
  readonly after: string;
  /** Gives the chunk with another text in it. */
  fill(text: string): Chunk;
}

const keys = ["content", "reasoning_content", "reasoning"] as const;

/**
 * Reads the chunks of one answer. Nearly all of them differ in one text alone, so what stands around it is parsed once:
 * a chunk that begins and ends with the very same bytes, with a JSON text between them, holds the same in all else. It takes
 * a third off what a token costs.
 * @returns a chunk that is good until the next is read. @throws as `parseChunk`
 */
export function createChunkReader(): (data: string) => Chunk {
  let mould: Mould | null = null;
  let misses = 0;
  return (data) => {
    if (mould !== null) {
      const text = textIn(mould, data);
      if (text !== null) return mould.fill(text);
    }
    const chunk = parseChunk(data);
    // Looked for at the second chunk, since many answers are short, and no more where there is no such form.
    misses += 1;
    if (misses > 1 && misses < mostMisses) mould = mouldOf(data, chunk) ?? mould;
    return chunk;
  };
}

const mostMisses = 50;

/**
 * The text that this chunk has where the mould is open; null where it does not fit. Slices are compared, since `startsWith`
 * and `endsWith` cost more than parsing does.
 */
function textIn({ before, after }: Mould, data: string): string | null {
  const from = before.length;
  const to = data.length - after.length;
  if (to < from || data.slice(0, from) !== before || data.slice(to) !== after) return null;
  const backslash = data.indexOf("\\", from);
  if (backslash === -1 || backslash >= to) return data.indexOf('"', from) === to ? data.slice(from, to) : null;
  return endOfText(data, from) === to ? unescaped(data.slice(from - 1, to + 1)) : null;
}

/** Null for an escape that there is none of: whoever parses the whole says so. */
function unescaped(literal: string): string | null {
  try {
    return JSON.parse(literal) as string;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Null where the chunk holds no text, or where its place is not certain. */
function mouldOf(data: string, chunk: Chunk): Mould | null {
  const key = keys.find((name) => Boolean(chunk.choices?.[0]?.delta?.[name]));
  if (key === undefined || chunk.usage || chunk.choices?.[0]?.logprobs) return null;
  const start = new RegExp(`"${key}": ?"`).exec(data);
  const from = start === null ? -1 : start.index + start[0].length;
  const to = start === null ? -1 : endOfText(data, from);
  if (to === -1) return null;
  const before = data.slice(0, from);
  const after = data.slice(to);
  // Proven, not guessed: another text in that place is another text of the delta.
  const proof = "\u0001proof";
  const moulded = parseChunk(`${before}${JSON.stringify(proof).slice(1, -1)}${after}`);
  const delta = moulded.choices?.[0]?.delta as { [Key in (typeof keys)[number]]?: string | null } | null | undefined;
  if (delta?.[key] !== proof) return null;
  return {
    ...{ before, after },
    fill(text) {
      delta[key] = text;
      return moulded;
    },
  };
}

/** Where the quote is that ends a JSON text; -1 for none. */
function endOfText(data: string, from: number): number {
  for (let at = from; at < data.length; at += 1) {
    if (data[at] === "\\") at += 1;
    else if (data[at] === '"') return at;
  }
  return -1;
}
